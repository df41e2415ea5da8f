// A conversation as plain values.
#pragma once

#include <string>
#include <vector>

namespace shimmy::chat {

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // the text of a JSON object, as the model or the client wrote it
};

struct Message {
  std::string role;  // "system", "user", "assistant", "tool"
  std::string content;
  std::string name = {};                  // of the speaker or the tool; may be empty
  std::string reasoning = {};             // of an assistant
  std::vector<ToolCall> tool_calls = {};  // of an assistant
  std::string tool_call_id = {};          // of a tool: the call that it answers
};

}  // namespace shimmy::chat
