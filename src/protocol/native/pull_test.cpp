#include "protocol/native/pull.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::native {
namespace {

using testing::HasSubstr;

TEST(PullRequest, NeedsAModel) {
  const auto request = decode_pull_request(R"({"model":"org/repo:Q4_0"})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "org/repo:Q4_0");
  EXPECT_EQ(request->quantization, "");
  EXPECT_FALSE(request->stream);
  EXPECT_EQ(decode_pull_request("{}").error().param, "model");
}

TEST(PullRequest, ReadsEveryField) {
  const auto request =
      decode_pull_request(R"({"model":"a/b","quantization":"Q8_0","stream":true})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->quantization, "Q8_0");
  EXPECT_TRUE(request->stream);
}

TEST(PullRequest, RefusesWrongTypes) {
  for (const auto& [body, param] :
       {std::pair{R"({"model":1})", "model"},
        std::pair{R"({"model":"a","stream":"yes"})", "stream"},
        std::pair{R"({"model":"a","quantization":4})", "quantization"}}) {
    const auto request = decode_pull_request(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().param, param);
  }
  EXPECT_FALSE(decode_pull_request(""));
}

TEST(PullProgress, TellsHowFarItIs) {
  EXPECT_EQ(encode_pull_progress({.status = "downloading",
                                  .file = "a.gguf",
                                  .completed = 10,
                                  .total = 100,
                                  .bytes_per_second = 4.6,
                                  .seconds_left = 20}),
            R"({"status":"downloading","file":"a.gguf","completed":10,"total":100,)"
            R"("bytes_per_second":5,"seconds_left":20,"reason":null})");
  EXPECT_THAT(encode_pull_progress({.status = "retrying", .reason = "Cut."}),
              HasSubstr(R"("file":null,"completed":0,"total":0,"bytes_per_second":0,)"
                        R"("seconds_left":null,"reason":"Cut.")"));
}

TEST(PullOutcome, NamesTheModel) {
  EXPECT_EQ(encode_pull_outcome({.model = "a/b:Q4_0", .bytes = 98'200'000}),
            R"({"message":"a/b:Q4_0 is here (98.2 MB).","status":"success","model":"a/b:Q4_0",)"
            R"("size_bytes":98200000,"was_there":false})");
  EXPECT_THAT(encode_pull_outcome({.model = "a", .was_there = true}),
              HasSubstr("was there already"));
  EXPECT_THAT(encode_pull_cancelled("a/b"), HasSubstr(R"("status":"success","model":"a/b")"));
}

}  // namespace
}  // namespace shimmy::protocol::native
