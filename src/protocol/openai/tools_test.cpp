#include "protocol/openai/tools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/openai/chat_request.h"
#include "support/refusal.h"

namespace shimmy::protocol::openai {
namespace {

using chat::ToolChoice;

constexpr const char* kTools =
    R"("tools":[{"type":"function","function":{"name":"f","description":"F.",)"
    R"("parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}},)"
    R"({"type":"function","function":{"name":"g","parameters":null,"strict":true}}])";

base::Result<ChatRequest> decode(const std::string& members) {
  return decode_chat_request(R"({"model":"m","messages":[{"role":"user","content":"hi"}],)" +
                             members + "}");
}

chat::Conversation conversation(const std::string& members) {
  const auto request = decode(members);
  EXPECT_TRUE(request) << members << ": " << (request ? "" : request.error().message);
  return request ? request->conversation : chat::Conversation();
}

void expect_refused(const std::string& members, const std::string& param,
                    const std::string& reason) {
  support::expect_refused(decode(members), members, param, reason);
}

std::string with_choice(const std::string& choice) {
  return std::string(kTools) + ",\"tool_choice\":" + choice;
}

TEST(Tools, AreReadWithTheirSchemas) {
  const chat::Conversation read = conversation(kTools);
  ASSERT_EQ(read.tools.size(), 2U);
  EXPECT_EQ(read.tools[0].name, "f");
  EXPECT_EQ(read.tools[0].description, "F.");
  EXPECT_EQ(read.tools[0].parameters, R"({"type":"object","properties":{"a":{"type":"integer"}}})");
  EXPECT_EQ(read.tools[1].parameters, "{}");
  EXPECT_EQ(read.tool_choice.mode, ToolChoice::Mode::Auto);
  EXPECT_TRUE(read.parallel_tool_calls);
}

TEST(Tools, E9_NoneAreNoTools) {
  EXPECT_TRUE(conversation(R"("tools":[],"tool_choice":"none")").tools.empty());
  EXPECT_TRUE(conversation(R"("tools":null)").tools.empty());
}

TEST(Tools, AreChosenByWord) {
  EXPECT_EQ(conversation(with_choice("\"none\"")).tool_choice.mode, ToolChoice::Mode::None);
  EXPECT_EQ(conversation(with_choice("\"auto\"")).tool_choice.mode, ToolChoice::Mode::Auto);
  EXPECT_EQ(conversation(with_choice("\"required\"")).tool_choice.mode, ToolChoice::Mode::Required);
}

TEST(Tools, AreChosenByName) {
  const chat::Conversation read =
      conversation(with_choice(R"({"type":"function","function":{"name":"g"}})"));
  EXPECT_EQ(read.tool_choice.mode, ToolChoice::Mode::Named);
  EXPECT_EQ(read.tool_choice.name, "g");
  EXPECT_FALSE(read.parallel_tool_calls);
}

TEST(Tools, AreLimitedToTheAllowedOnes) {
  const chat::Conversation read =
      conversation(with_choice(R"({"type":"allowed_tools","allowed_tools":{"mode":"required",)"
                               R"("tools":[{"type":"function","function":{"name":"g"}}]}})"));
  ASSERT_EQ(read.tools.size(), 1U);
  EXPECT_EQ(read.tools[0].name, "g");
  EXPECT_EQ(read.tool_choice.mode, ToolChoice::Mode::Required);
}

TEST(Tools, ComeInTheOlderFormToo) {
  const auto request =
      decode(R"("functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"})");
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->is_function_style);
  EXPECT_EQ(request->conversation.tool_choice.mode, ToolChoice::Mode::Named);
  EXPECT_FALSE(request->conversation.parallel_tool_calls);
}

TEST(Tools, AreCalledOneByOneWhereAskedFor) {
  EXPECT_FALSE(
      conversation(std::string(kTools) + R"(,"parallel_tool_calls":false)").parallel_tool_calls);
}

TEST(Tools, AreRefusedByTheirPath) {
  expect_refused(R"("tools":{})", "tools", "invalid_type");
  expect_refused(R"("tools":[1])", "tools[0]", "invalid_type");
  expect_refused(R"("tools":[{"function":{"name":"f"}}])", "tools[0].type",
                 "missing_required_parameter");
  expect_refused(R"("tools":[{"type":"hammer","function":{"name":"f"}}])", "tools[0].type",
                 "invalid_value");
  expect_refused(R"("tools":[{"type":"custom","custom":{"name":"f"}}])", "tools[0].type",
                 "unsupported_parameter");
  expect_refused(R"("tools":[{"type":"function"}])", "tools[0].function",
                 "missing_required_parameter");
  expect_refused(R"("tools":[{"type":"function","function":{}}])", "tools[0].function.name",
                 "missing_required_parameter");
  expect_refused(R"("tools":[{"type":"function","function":{"name":"a b"}}])",
                 "tools[0].function.name", "invalid_value");
  expect_refused(R"("tools":[{"type":"function","function":{"name":""}}])",
                 "tools[0].function.name", "invalid_value");
  expect_refused(R"("tools":[{"type":"function","function":{"name":"f","parameters":[]}}])",
                 "tools[0].function.parameters", "invalid_type");
}

TEST(Tools, E9_OfOneNameAreRefused) {
  expect_refused(R"("tools":[{"type":"function","function":{"name":"f"}},)"
                 R"({"type":"function","function":{"name":"f"}}])",
                 "tools[1]", "invalid_value");
}

TEST(Tools, CannotBeChosenIfTheyAreNotThere) {
  expect_refused(with_choice(R"({"type":"function","function":{"name":"x"}})"), "tool_choice",
                 "invalid_value");
  expect_refused(R"("tool_choice":"required")", "tool_choice", "invalid_value");
  expect_refused(with_choice("\"often\""), "tool_choice", "invalid_value");
  expect_refused(with_choice("7"), "tool_choice", "invalid_type");
  expect_refused(with_choice(R"({"type":"function"})"), "tool_choice.function",
                 "missing_required_parameter");
  expect_refused(with_choice(R"({"type":"custom"})"), "tool_choice.type", "invalid_value");
  expect_refused(with_choice(R"({"type":"allowed_tools"})"), "tool_choice.allowed_tools",
                 "missing_required_parameter");
}

}  // namespace
}  // namespace shimmy::protocol::openai
