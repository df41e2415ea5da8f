// What a client asks of a chat model, in no dialect's words.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chat/message.h"
#include "generation/constraint.h"

namespace shimmy::chat {

struct Tool {
  std::string name;
  std::string description;
  std::string parameters = "{}";  // the JSON Schema of the arguments
};

struct ToolChoice {
  enum class Mode { None, Auto, Required, Named };

  Mode mode = Mode::Auto;
  std::string name = {};  // Named: the tool to call
};

struct Conversation {
  std::vector<Message> messages;
  std::vector<Tool> tools = {};
  ToolChoice tool_choice = {};
  bool parallel_tool_calls = true;       // false: at most one call
  generation::Constraint output = {};    // of the answer's content; calls and reasoning are free
  std::optional<bool> thinking = {};     // none: as the template has it
  std::string reasoning_effort = {};     // for templates that ask; empty: not said
  bool separates_reasoning = true;       // false: thoughts stay in the content, tags and all
  bool continues_final_message = false;  // the last message is the start of the answer
  bool adds_generation_prompt = true;    // false: nothing of the answer is written by the template
  // Further variables of the template: name, JSON text.
  std::vector<std::pair<std::string, std::string>> template_arguments = {};
};

}  // namespace shimmy::chat
