#include "protocol/openai/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/openai/chat_request_fixture.h"

namespace shimmy::protocol::openai {
namespace {

using testing::ElementsAre;

TEST(Messages, KnowsTheRoles) {
  const ChatRequest request =
      decode(R"({"model":"m","messages":[{"role":"developer","content":"d"},)"
             R"({"role":"system","content":"s"},{"role":"user","content":"u","name":"x"},)"
             R"({"role":"assistant","content":"a","tool_calls":[],"refusal":null},)"
             R"({"role":"assistant","content":null,"refusal":"no"}]})");
  std::vector<std::string> read;
  for (const chat::Message& message : request.conversation.messages)
    read.push_back(message.role + ":" + message.content);
  EXPECT_THAT(read, ElementsAre("system:d", "system:s", "user:u", "assistant:a", "assistant:no"));
}

TEST(Messages, JoinsTextParts) {
  const ChatRequest request =
      decode(R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},)"
             R"({"type":"text","text":"b","prompt_cache_breakpoint":{}}]},)"
             R"({"role":"user","content":[]}]})");
  EXPECT_EQ(request.conversation.messages.at(0).content, "a\nb");
  EXPECT_EQ(request.conversation.messages.at(1).content, "");
}

TEST(Messages, ReadsCallsAndTheirResults) {
  const auto messages =
      decode(R"({"model":"m","messages":[)"
             R"({"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[)"
             R"({"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},)"
             R"({"id":"call_2","type":"function","function":{"name":"g","arguments":{"b":2}}}]},)"
             R"({"role":"tool","tool_call_id":"call_1","name":"f",)"
             R"("content":[{"type":"text","text":"done"}]},)"
             R"({"role":"assistant","function_call":{"name":"h","arguments":"not json"}},)"
             R"({"role":"function","name":"h","content":"old"}]})")
          .conversation.messages;
  ASSERT_EQ(messages.size(), 4U);
  EXPECT_EQ(messages[0].reasoning, "hm");
  ASSERT_EQ(messages[0].tool_calls.size(), 2U);
  EXPECT_EQ(messages[0].tool_calls[0].id, "call_1");
  EXPECT_EQ(messages[0].tool_calls[0].arguments, R"({"a":1})");
  EXPECT_EQ(messages[0].tool_calls[1].arguments, R"({"b":2})");
  EXPECT_EQ(messages[1].role, "tool");
  EXPECT_EQ(messages[1].tool_call_id, "call_1");
  EXPECT_EQ(messages[1].name, "f");
  EXPECT_EQ(messages[1].content, "done");
  EXPECT_EQ(messages[2].tool_calls.at(0).arguments, "not json");
  EXPECT_EQ(messages[3].role, "tool");
}

TEST(Messages, RefusesBadMessagesByTheirPath) {
  const auto body = [](const std::string& messages) {
    return R"({"model":"m","messages":)" + messages + "}";
  };
  for (const Refusal& each : std::vector<Refusal>{
           {"null", "messages", "missing_required_parameter"},
           {"[]", "messages", "empty_array"},
           {"\"hi\"", "messages", "invalid_type"},
           {"{}", "messages", "invalid_type"},
           {"[1]", "messages[0]", "invalid_type"},
           {"[null]", "messages[0]", "invalid_type"},
           {R"([{"content":"x"}])", "messages[0].role", "missing_required_parameter"},
           {R"([{"role":1,"content":"x"}])", "messages[0].role", "invalid_type"},
           {R"([{"role":"bogus","content":"x"}])", "messages[0].role", "invalid_value"},
           {R"([{"role":"user"}])", "messages[0].content", "missing_required_parameter"},
           {R"([{"role":"user","content":null}])", "messages[0].content",
            "missing_required_parameter"},
           {R"([{"role":"user","content":"x"},{"role":"user","content":7}])", "messages[1].content",
            "invalid_type"},
           {R"([{"role":"user","content":["x"]}])", "messages[0].content[0]", "invalid_type"},
           {R"([{"role":"user","content":[{"text":"x"}]}])", "messages[0].content[0].type",
            "missing_required_parameter"},
           {R"([{"role":"user","content":[{"type":"text"}]}])", "messages[0].content[0].text",
            "missing_required_parameter"},
           {R"([{"role":"user","content":[{"type":"text","text":1}]}])",
            "messages[0].content[0].text", "invalid_type"},
           {R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"x"}]}])",
            "messages[0].content[1].type", "invalid_value"},
           {R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}])",
            "messages[0].content[0].type", "unsupported_parameter"},
           {R"([{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]}])",
            "messages[0].tool_calls[0].function", "missing_required_parameter"},
           {R"([{"role":"assistant","content":null,"tool_calls":[{"function":{}}]}])",
            "messages[0].tool_calls[0].function.name", "missing_required_parameter"},
           {R"([{"role":"tool","content":"x","tool_call_id":7}])", "messages[0].tool_call_id",
            "invalid_type"}})
    expect_refused(body(each.members), each.param, each.reason);
  EXPECT_EQ(error_of(body(R"([{"role":"bogus","content":"x"}])")).message,
            "Invalid value: 'bogus'. Supported values are: 'system', 'assistant', 'user', "
            "'function', 'tool', and 'developer'.");
}

}  // namespace
}  // namespace shimmy::protocol::openai
