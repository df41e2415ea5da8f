#include "protocol/openai/completion_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/refusal.h"

namespace shimmy::protocol::openai {
namespace {

using testing::ElementsAre;
using testing::VariantWith;
using Tokens = std::vector<generation::Token>;

base::Result<CompletionRequest> decode(const std::string& members) {
  return decode_completion_request(R"({"model":"m",)" + members + "}");
}

CompletionRequest read(const std::string& members) {
  auto request = decode(members);
  EXPECT_TRUE(request) << members << ": " << (request ? "" : request.error().message);
  return request.value_or(CompletionRequest());
}

void expect_refused(const std::string& members, const std::string& param,
                    const std::string& reason) {
  support::expect_refused(decode(members), members, param, reason);
}

TEST(CompletionRequest, TakesTextsAndTokens) {
  EXPECT_THAT(read(R"("prompt":"a")").prompts, ElementsAre(VariantWith<std::string>("a")));
  EXPECT_THAT(read(R"("prompt":["a","b"])").prompts,
              ElementsAre(VariantWith<std::string>("a"), VariantWith<std::string>("b")));
  EXPECT_THAT(read(R"("prompt":[1,2])").prompts, ElementsAre(VariantWith<Tokens>(Tokens{1, 2})));
  EXPECT_THAT(read(R"("prompt":[[1],[2,3]])").prompts,
              ElementsAre(VariantWith<Tokens>(Tokens{1}), VariantWith<Tokens>(Tokens{2, 3})));
  EXPECT_THAT(read(R"("prompt":null)").prompts, ElementsAre(VariantWith<std::string>("")));
}

TEST(CompletionRequest, GeneratesSixteenTokensUnlessToldOtherwise) {
  EXPECT_EQ(read(R"("prompt":"a")").generation.max_tokens, 16);
  EXPECT_EQ(read(R"("prompt":"a","max_tokens":5)").generation.max_tokens, 5);
  EXPECT_EQ(read(R"("prompt":"a","max_tokens":-1)").generation.max_tokens, -1);
}

TEST(CompletionRequest, GeneratesNothingOnlyToEcho) {
  EXPECT_EQ(read(R"("prompt":"a","max_tokens":0,"echo":true)").generation.max_tokens, 0);
  expect_refused(R"("prompt":"a","max_tokens":0)", "max_tokens", "integer_below_min_value");
}

TEST(CompletionRequest, ReadsEveryField) {
  const CompletionRequest request =
      read(R"("prompt":"a","n":2,"best_of":3,"logprobs":4,"echo":true,"suffix":"z",)"
           R"("stop":"x","temperature":0,"stream_options":{"include_usage":true})");
  EXPECT_EQ(request.choices, 2U);
  EXPECT_EQ(request.best_of, 3U);
  EXPECT_EQ(request.generation.logprobs, 4);
  EXPECT_EQ(request.suffix, "z");
  EXPECT_TRUE(request.echo);
  EXPECT_TRUE(request.include_usage);
  EXPECT_FALSE(request.stream);
  EXPECT_THAT(request.generation.stop, ElementsAre("x"));
  EXPECT_EQ(read(R"("prompt":"a","n":2)").best_of, 2U);
}

TEST(CompletionRequest, TakesLogprobsAsAFlag) {
  EXPECT_EQ(read(R"("prompt":"a","logprobs":true)").generation.logprobs, 0);
  EXPECT_EQ(read(R"("prompt":"a","logprobs":false)").generation.logprobs, std::nullopt);
}

TEST(CompletionRequest, RefusesByName) {
  expect_refused(R"("prompt":7)", "prompt", "invalid_type");
  expect_refused(R"("prompt":[])", "prompt", "empty_array");
  expect_refused(R"("prompt":[[]])", "prompt[0]", "empty_array");
  expect_refused(R"("prompt":["a",1])", "prompt[1]", "invalid_type");
  expect_refused(R"("prompt":[1,"a"])", "prompt[1]", "invalid_type");
  expect_refused(R"("prompt":[[1],"a"])", "prompt[1]", "invalid_type");
  expect_refused(R"("prompt":[-1])", "prompt[0]", "invalid_type");
  expect_refused(R"("prompt":[1.5])", "prompt[0]", "invalid_type");
  expect_refused(R"("prompt":[4294967296])", "prompt[0]", "invalid_type");
  expect_refused(R"("prompt":"a","logprobs":6)", "logprobs", "integer_above_max_value");
  expect_refused(R"("prompt":"a","n":3,"best_of":2)", "best_of", "invalid_value");
  expect_refused(R"("prompt":"a","best_of":2,"stream":true)", "best_of", "invalid_value");
  expect_refused(R"("prompt":"a","best_of":21)", "best_of", "integer_above_max_value");
  expect_refused(R"("prompt":"a","suffix":1)", "suffix", "invalid_type");
}

TEST(CompletionRequest, IsBounded) {
  std::string prompts = "\"a\"";
  for (int i = 0; i < 2048; ++i) prompts += ",\"a\"";
  expect_refused("\"prompt\":[" + prompts + "]", "prompt", "array_above_max_length");
  std::string twenty = "\"a\"";
  for (int i = 0; i < 19; ++i) twenty += ",\"a\"";
  expect_refused("\"prompt\":[" + twenty + "],\"n\":128,\"best_of\":128", "best_of",
                 "integer_above_max_value");
  expect_refused("\"n\":128,\"prompt\":[" + twenty + "]", "n", "invalid_value");
}

}  // namespace
}  // namespace shimmy::protocol::openai
