#include "pull/registry.h"

#include <gmock/gmock.h>

#include "pull/pull_fixture.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

const std::string kManifest = "GET https://registry/v2/library/qwen3/manifests/0.6b";
const std::string kBlobs = "https://registry/v2/library/qwen3/blobs/";
const std::string kHash(64, 'b');
const std::string kTextHash(64, 'c');

std::string layer(const std::string& kind, const std::string& hash, int bytes = 10) {
  return R"({"mediaType":"application/vnd.ollama.image.)" + kind + R"(","digest":"sha256:)" + hash +
         R"(","size":)" + std::to_string(bytes) + "}";
}

class RegistryTest : public PullFixture {
 protected:
  base::Result<RegistryModel> model(const std::vector<std::string>& layers) {
    std::string list;
    for (const std::string& one : layers) list += (list.empty() ? "" : ",") + one;
    client_.answer(kManifest, {.body = R"({"schemaVersion":2,"layers":[)" + list + "]}"});
    return registry_model(access_, reference_);
  }

  Reference reference_{ReferenceKind::Registry, "library/qwen3", "0.6b"};
};

TEST_F(RegistryTest, NamesTheBlobsOfAModel) {
  client_.answer("GET " + kBlobs + "sha256:" + kTextHash, {.body = "{{ .Prompt }}"});
  const auto found = model({layer("model", kHash, 5000), layer("template", kTextHash),
                            layer("projector", std::string(64, 'd'), 70)});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->model.sha256, kHash);
  EXPECT_EQ(found->model.bytes, 5000);
  EXPECT_EQ(blob_url(endpoints_, reference_, found->model.path), kBlobs + "sha256:" + kHash);
  EXPECT_EQ(found->projector.value_or(RemoteFile()).bytes, 70);
  ASSERT_EQ(found->texts.size(), 1);
  EXPECT_EQ(found->texts[0].kind, "template");
  EXPECT_EQ(found->texts[0].text, "{{ .Prompt }}");
}

TEST_F(RegistryTest, FetchesNoTextThatIsTooLarge) {
  const auto found = model({layer("model", kHash), layer("license", kTextHash, 900'000'000)});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->texts.empty());
}

TEST_F(RegistryTest, RefusesDigestsThatLeadElsewhere) {
  for (const std::string& digest : {std::string("../../../x"), std::string(), std::string("ABC"),
                                    std::string(63, 'a'), std::string(64, 'A')}) {
    const auto found = model({layer("model", digest)});
    ASSERT_FALSE(found) << digest;
    EXPECT_EQ(found.error().code, ErrorCode::Io);
  }
}

TEST_F(RegistryTest, RefusesModelsThatAreNoSingleFile) {
  EXPECT_THAT(model({layer("tensor", kHash)}).error().message, HasSubstr("no GGUF file"));
  EXPECT_THAT(model({layer("model", kHash), layer("model", kTextHash)}).error().message,
              HasSubstr("several model files"));
}

TEST_F(RegistryTest, SurvivesAnyJson) {
  for (const std::string body : {"[]", "null", "{\"layers\":5}", "{\"layers\":[5,{}]}"}) {
    client_.answer(kManifest, {.body = body});
    EXPECT_FALSE(registry_model(access_, reference_)) << body;
  }
}

TEST_F(RegistryTest, SaysThatThereIsNoSuchModel) {
  client_.answer(kManifest, {.status = 404});
  const auto found = registry_model(access_, reference_);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::ModelNotFound);
  EXPECT_THAT(found.error().message, HasSubstr("qwen3:0.6b"));
}

TEST_F(RegistryTest, AsksOtherHostsEncryptedUnlessTheyAreThisMachine) {
  reference_.host = "models.example";
  EXPECT_THAT(blob_url(endpoints_, reference_, "d"), HasSubstr("https://models.example/v2/"));
  reference_.host = "localhost:5000";
  EXPECT_THAT(blob_url(endpoints_, reference_, "d"), HasSubstr("http://localhost:5000/v2/"));
}

}  // namespace
}  // namespace shimmy::pull
