#include "protocol/native/generate_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::protocol::native {
namespace {

GenerateRequest read(const std::string& members) {
  auto request = decode_generate_request(R"({"model":"m",)" + members + "}");
  EXPECT_TRUE(request) << members << ": " << (request ? "" : request.error().message);
  return request.value_or(GenerateRequest());
}

void expect_refused(const std::string& body, const std::string& param) {
  const auto request = decode_generate_request(body);
  ASSERT_FALSE(request) << body;
  EXPECT_EQ(request.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_EQ(request.error().param, param) << body << ": " << request.error().message;
}

TEST(GenerateRequest, Nat1_HasTheDocumentedDefaults) {
  const GenerateRequest request = read(R"("prompt":"hi")");
  EXPECT_EQ(request.model, "m");
  EXPECT_EQ(request.generation.max_tokens, 100);
  EXPECT_EQ(request.generation.sampling.temperature, 0.7F);
  EXPECT_FALSE(request.stream);
  EXPECT_FALSE(request.raw);
  ASSERT_EQ(request.conversation.messages.size(), 1U);
  EXPECT_EQ(request.conversation.messages[0].role, "user");
  EXPECT_EQ(request.conversation.messages[0].content, "hi");
}

TEST(GenerateRequest, ReadsEveryField) {
  const GenerateRequest request =
      read(R"("prompt":"hi","system":"Be brief.","max_tokens":5,"temperature":0,"top_p":0.5,)"
           R"("top_k":3,"seed":1,"stop":["x"],"stream":true)");
  ASSERT_EQ(request.conversation.messages.size(), 2U);
  EXPECT_EQ(request.conversation.messages[0].role, "system");
  EXPECT_EQ(request.generation.max_tokens, 5);
  EXPECT_EQ(request.generation.sampling.top_k, 3);
  EXPECT_THAT(request.generation.stop, testing::ElementsAre("x"));
  EXPECT_TRUE(request.stream);
}

TEST(GenerateRequest, TakesMessagesInPlaceOfAPrompt) {
  const GenerateRequest request =
      read(R"("messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}])");
  EXPECT_EQ(request.conversation.messages.size(), 2U);
  EXPECT_EQ(request.prompt, "");
}

TEST(GenerateRequest, E1_TakesNullAsNotGiven) {
  EXPECT_EQ(
      read(R"("prompt":"hi","max_tokens":null,"stream":null,"system":null)").generation.max_tokens,
      100);
}

TEST(GenerateRequest, RefusesByName) {
  expect_refused("{}", "model");
  expect_refused(R"({"model":"m"})", "prompt");
  expect_refused(R"({"model":7,"prompt":"x"})", "model");
  expect_refused(R"({"model":"m","prompt":7})", "prompt");
  expect_refused(R"({"model":"m","prompt":"x","max_tokens":"5"})", "max_tokens");
  expect_refused(R"({"model":"m","prompt":"x","max_tokens":0})", "max_tokens");
  expect_refused(R"({"model":"m","prompt":"x","temperature":3})", "temperature");
  expect_refused(R"({"model":"m","prompt":"x","stream":"yes"})", "stream");
  expect_refused(R"({"model":"m","prompt":"x","messages":[{"role":"user","content":"a"}]})",
                 "prompt");
  expect_refused(R"({"model":"m","prompt":"x","raw":true,"system":"y"})", "raw");
  expect_refused("[]", "");
}

}  // namespace
}  // namespace shimmy::protocol::native
