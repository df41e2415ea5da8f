#include "chat/tool_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::chat {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ToolNotes, DescribeEachTool) {
  const std::vector<Tool> tools{{"look_up", "Looks \"up\".", R"({ "type": "object" })"}};
  const std::string note = tool_note(tools, true);
  EXPECT_THAT(note, HasSubstr(R"({"name": "look_up", "description": "Looks \"up\".", )"
                              R"("parameters": {"type":"object"}})"));
  EXPECT_THAT(note, HasSubstr("<tool_call>"));
  EXPECT_THAT(tool_note(tools, false), Not(HasSubstr("<tool_call>")));
}

TEST(ToolNotes, TurnCallsAndResultsIntoText) {
  const auto made = without_tool_messages(
      std::vector<Message>{{.role = "user", .content = "Hi"},
                           {.role = "assistant",
                            .content = "Ok.",
                            .tool_calls = {{"1", "stop", "{ }"}, {"2", "x", "no"}}},
                           {.role = "tool", .content = "one", .tool_call_id = "1"},
                           {.role = "tool", .content = "two", .tool_call_id = "2"},
                           {.role = "user", .content = "Thanks"}});
  ASSERT_EQ(made.size(), 3U);
  EXPECT_EQ(made[1].content,
            "Ok.\n<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>\n"
            "<tool_call>\n{\"name\": \"x\", \"arguments\": \"no\"}\n</tool_call>");
  EXPECT_TRUE(made[1].tool_calls.empty());
  EXPECT_EQ(made[2].role, "user");
  EXPECT_EQ(
      made[2].content,
      "<tool_response>\none\n</tool_response>\n<tool_response>\ntwo\n</tool_response>\nThanks");
}

}  // namespace
}  // namespace shimmy::chat
