#include "pull/hub.h"

#include <gmock/gmock.h>

#include "pull/pull_fixture.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kTree = "GET https://hub/api/models/org/repo/tree/main?recursive=true";
const std::string kHash(64, 'a');

std::string entry(const std::string& path, const std::string& hash = kHash) {
  return R"({"type":"file","path":")" + path + R"(","size":9,"lfs":{"oid":")" + hash +
         R"(","size":1000}})";
}

class HubTest : public PullFixture {
 protected:
  base::Result<std::vector<RemoteFile>> files() { return hub_files(access_, reference_); }

  Reference reference_{.repository = "org/repo"};
};

TEST_F(HubTest, ListsTheModelFiles) {
  client_.answer(kTree, {.body = R"([{"type":"directory","path":"sub.gguf/x","size":0},)" +
                                 entry("sub/m.gguf") + "," + entry("README.md") + "]"});
  const auto found = files();
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1);
  EXPECT_EQ(found->front().path, "sub/m.gguf");
  EXPECT_EQ(found->front().bytes, 1000);
  EXPECT_EQ(found->front().sha256, kHash);
}

TEST_F(HubTest, ReadsAllPages) {
  client_.answer(kTree, {.body = "[" + entry("a.gguf") + "]",
                         .headers = {{"Link", "<https://hub/page/2>; rel=\"next\""}}});
  client_.answer("GET https://hub/page/2", {.body = "[" + entry("b.gguf") + "]"});
  const auto found = files();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 2);
}

TEST_F(HubTest, TakesItsTokenToNoOtherPlace) {
  endpoints_.hub_token = "hf_x";
  client_.answer(kTree, {.body = "[]", .headers = {{"Link", "<https://evil/2>; rel=\"next\""}}});
  const auto found = files();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("https://evil"));
  EXPECT_THAT(asked(), ElementsAre(kTree));
  EXPECT_EQ(client_.requests()[0].headers.at(0).value, "Bearer hf_x");
}

TEST_F(HubTest, EndsALoopOfPages) {
  client_.answer(kTree, {.body = "[" + entry("a.gguf") + "]",
                         .headers = {{"Link", "<" + kTree.substr(4) + ">; rel=\"next\""}}});
  EXPECT_TRUE(files());
  EXPECT_LE(client_.requests().size(), 100);
}

TEST_F(HubTest, SurvivesAnyJson) {
  for (const std::string body :
       {"{}", "null", "[1,null,[],{\"path\":5}]", "[{\"path\":\"a.gguf\",\"size\":-1,\"lfs\":3}]",
        "[{\"path\":\"b.gguf\",\"size\":1e99,\"lfs\":{\"oid\":\"../x\"}}]"}) {
    client_.answer(kTree, {.body = body});
    const auto found = files();
    if (!found) continue;
    EXPECT_EQ(found->front().sha256, "") << body;
    EXPECT_EQ(found->front().bytes, 0) << body;
  }
}

TEST_F(HubTest, SaysThatAnAnswerIsNoJson) {
  client_.answer(kTree, {.body = "<html>Please log in</html>"});
  const auto found = files();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::Io);
  EXPECT_THAT(found.error().message, HasSubstr("JSON"));
}

TEST_F(HubTest, SaysThatThereIsNoModel) {
  client_.answer(kTree, {.body = R"([{"path":"model.safetensors"}])"});
  EXPECT_EQ(files().error().code, ErrorCode::ModelNotFound);
  client_.answer(kTree, {.status = 404});
  EXPECT_EQ(files().error().code, ErrorCode::ModelNotFound);
}

TEST_F(HubTest, IsAskedAgainWhereItFailsForAMoment) {
  int calls = 0;
  client_.answer(kTree, [&](const transfer::Request&) -> base::Result<support::FakeAnswer> {
    if (++calls < 3) return support::FakeAnswer{.status = 503};
    return support::FakeAnswer{.body = "[" + entry("a.gguf") + "]"};
  });
  EXPECT_TRUE(files());
  EXPECT_EQ(retried_.size(), 2);
}

TEST_F(HubTest, WritesAddressesOfFiles) {
  EXPECT_EQ(hub_url(endpoints_, reference_, "sub/a b#.gguf"),
            "https://hub/org/repo/resolve/main/sub/a%20b%23.gguf");
}

}  // namespace
}  // namespace shimmy::pull
