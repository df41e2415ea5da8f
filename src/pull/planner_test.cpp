#include "pull/planner.h"

#include <gmock/gmock.h>

#include "pull/pull_fixture.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;

class PlannerTest : public PullFixture {
 protected:
  PlannerTest() { endpoints_.hub_token = "hf_x"; }

  void has_files(const std::vector<std::string>& paths) {
    std::string list;
    for (const std::string& path : paths) {
      list += (list.empty() ? "" : ",") + (R"({"path":")" + path + R"(","size":50,"lfs":{"oid":")" +
                                           std::string(64, 'a') + R"(","size":50}})");
    }
    client_.answer("GET https://hub/api/models/org/repo/tree/main?recursive=true",
                   {.body = "[" + list + "]"});
  }

  base::Result<Plan> plan(const std::string& text, Choose choose = {}, std::string quant = {}) {
    return make_plan({*parse_reference(text), std::move(quant), std::move(choose), "/models"},
                     access_);
  }
};

TEST_F(PlannerTest, PlansAFileOfTheHub) {
  has_files({"m-Q4_K_M.gguf", "m-Q8_0.gguf"});
  const auto made = plan("org/repo");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->reference, "org/repo:Q4_K_M");
  EXPECT_EQ(made->quantization, "Q4_K_M");
  EXPECT_THAT(made->aliases, ElementsAre("org/repo:Q4_K_M", "hf.co/org/repo:Q4_K_M", "org/repo"));
  ASSERT_EQ(made->files.size(), 1);
  EXPECT_EQ(made->files[0].url, "https://hub/org/repo/resolve/main/m-Q4_K_M.gguf");
  EXPECT_EQ(made->files[0].path, "/models/org/repo/m-Q4_K_M.gguf");
  EXPECT_EQ(made->files[0].headers.at(0).value, "Bearer hf_x");
  EXPECT_EQ(made->bytes(), 50);
}

TEST_F(PlannerTest, TakesTheQuantisationThatIsAskedFor) {
  has_files({"m-Q4_K_M.gguf", "m-Q8_0.gguf"});
  EXPECT_EQ(plan("org/repo:q8_0")->quantization, "Q8_0");
  EXPECT_EQ(plan("org/repo", {}, "Q8_0")->quantization, "Q8_0");
  EXPECT_EQ(plan("org/repo:Q4_K_M", {}, "Q8_0")->quantization, "Q8_0");
  EXPECT_EQ(plan("org/repo/m-Q8_0.gguf")->quantization, "Q8_0");
  EXPECT_EQ(plan("org/repo:Q9").error().code, ErrorCode::ModelNotFound);
}

TEST_F(PlannerTest, AsksOnlyWhereThereIsAChoice) {
  int questions = 0;
  const Choose choose = [&](std::span<const Variant> variants,
                            std::size_t usual) -> base::Result<std::size_t> {
    ++questions;
    EXPECT_EQ(variants.size(), 2);
    EXPECT_EQ(variants[usual].name, "Q4_K_M");
    return 1 - usual;
  };
  has_files({"m-Q4_K_M.gguf", "m-Q8_0.gguf"});
  EXPECT_EQ(plan("org/repo", choose)->quantization, "Q8_0");
  EXPECT_EQ(plan("org/repo:Q4_K_M", choose)->quantization, "Q4_K_M");
  has_files({"m-Q4_K_M.gguf"});
  EXPECT_EQ(plan("org/repo", choose)->quantization, "Q4_K_M");
  EXPECT_EQ(questions, 1);
}

TEST_F(PlannerTest, TakesShardsAndProjectorTogether) {
  has_files({"q/m-Q8_0-00002-of-00002.gguf", "q/m-Q8_0-00001-of-00002.gguf", "mmproj-F16.gguf"});
  const auto made = plan("org/repo");
  ASSERT_TRUE(made);
  ASSERT_EQ(made->files.size(), 3);
  EXPECT_EQ(made->files[0].path, "/models/org/repo/q/m-Q8_0-00001-of-00002.gguf");
  EXPECT_EQ(made->files[2].path, "/models/org/repo/q/mmproj-F16.gguf");
}

TEST_F(PlannerTest, RefusesAModelThatLacksShards) {
  has_files({"m-Q8_0-00001-of-00002.gguf"});
  EXPECT_EQ(plan("org/repo").error().code, ErrorCode::ModelNotFound);
}

TEST_F(PlannerTest, RefusesCompanionsAlone) {
  has_files({"mmproj-F16.gguf"});
  EXPECT_THAT(plan("org/repo").error().message, HasSubstr("none of them is a model"));
}

TEST_F(PlannerTest, KeepsHostileNamesInsideTheDirectory) {
  has_files({"../../../etc/x-Q4_0.gguf"});
  const auto made = plan("org/repo");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->files[0].path, "/models/org/repo/_./_./_./etc/x-Q4_0.gguf");
}

TEST_F(PlannerTest, AsksForTheHashWhereTheListHasNone) {
  client_.answer("GET https://hub/api/models/org/repo/tree/main?recursive=true",
                 {.body = R"([{"path":"m.gguf","size":7}])"});
  const std::string hash(64, 'e');
  client_.answer(
      "HEAD https://hub/org/repo/resolve/main/m.gguf",
      {.status = 403,
       .redirects = {{302, {{"X-Linked-Etag", '"' + hash + '"'}, {"X-Linked-Size", "77"}}, {}}}});
  const auto made = plan("org/repo");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->files[0].sha256, hash);
  EXPECT_EQ(made->files[0].bytes, 77);
}

TEST_F(PlannerTest, PlansAnAddress) {
  client_.answer("HEAD https://host/a%20b-Q4_0.gguf?key=1",
                 {.headers = {{"Content-Length", "99"}}});
  const auto made = plan("https://host/a%20b-Q4_0.gguf?key=1");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->reference, "https://host/a%20b-Q4_0.gguf");
  EXPECT_EQ(made->files[0].path, "/models/host/a_b-Q4_0.gguf");
  EXPECT_EQ(made->files[0].bytes, 99);
  EXPECT_EQ(made->files[0].sha256, "");
  EXPECT_TRUE(made->files[0].headers.empty()) << "the token is the hub's alone";
}

TEST_F(PlannerTest, PlansAllShardsOfAnAddress) {
  for (const char* number : {"1", "2"}) {
    client_.answer(std::string("HEAD https://host/m-0000") + number + "-of-00002.gguf",
                   support::FakeAnswer{});
  }
  const auto made = plan("https://host/m-00002-of-00002.gguf");
  ASSERT_TRUE(made);
  ASSERT_EQ(made->files.size(), 2);
  EXPECT_EQ(made->files[0].path, "/models/host/m-00001-of-00002.gguf");
}

TEST_F(PlannerTest, SaysThatAnAddressIsWrong) {
  client_.answer("HEAD https://host/m.gguf", {.status = 404});
  EXPECT_EQ(plan("https://host/m.gguf").error().code, ErrorCode::ModelNotFound);
  EXPECT_EQ(plan("https://host/m.gguf", {}, "Q8_0").error().param, "--quant");
}

TEST_F(PlannerTest, GoesOnWhereAHeadAloneIsNotGiven) {
  for (const int status : {403, 405}) {
    client_.answer("HEAD https://host/m.gguf", {.status = status});
    const auto made = plan("https://host/m.gguf");
    ASSERT_TRUE(made) << status;
    EXPECT_EQ(made->files[0].bytes, 0);
  }
}

TEST_F(PlannerTest, NamesTheFilesOfARegistryAfterTheModel) {
  client_.answer(
      "GET https://registry/v2/library/qwen3/manifests/0.6b",
      {.body =
           R"({"layers":[{"mediaType":"application/vnd.ollama.image.model","size":5,"digest":"sha256:)" +
           std::string(64, 'a') + "\"}]}"});
  const auto made = plan("qwen3:0.6b");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->files[0].path, "/models/library/qwen3/qwen3-0.6b.gguf");
  EXPECT_THAT(made->aliases, ElementsAre("qwen3:0.6b"));
}

}  // namespace
}  // namespace shimmy::pull
