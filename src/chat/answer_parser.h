// Takes a chat model's text apart as it comes: thoughts, content, tool calls.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace shimmy::chat {

struct ToolCallDelta {
  std::size_t index = 0;  // of the call in the answer, dense from 0
  std::string id = {};    // with the call's first delta only, as the name: unique, "call_…"
  std::string name = {};
  std::string arguments = {};  // more of the arguments' JSON text
};

// What became certain; any part may be empty.
struct AnswerDelta {
  std::string reasoning = {};
  std::string content = {};
  std::vector<ToolCallDelta> tool_calls = {};

  bool empty() const { return reasoning.empty() && content.empty() && tool_calls.empty(); }
};

// One per generation; one thread at a time. Linear in the text over all calls. The deltas together
// are the same however the text was cut.
class AnswerParser {
 public:
  virtual ~AnswerParser() = default;

  // Takes more text; what may still become a tag is held back.
  virtual AnswerDelta push(std::string_view text) = 0;

  // No more text will come. A call that was cut off keeps the arguments that it got.
  virtual AnswerDelta finish() = 0;

  virtual bool has_tool_calls() const = 0;
};

}  // namespace shimmy::chat
