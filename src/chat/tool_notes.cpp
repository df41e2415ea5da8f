#include "chat/tool_notes.h"

#include <fmt/format.h>

#include "chat/json_stream.h"

namespace shimmy::chat {
namespace {

// JSON text as it stands, if it is an object; else a string of it.
std::string as_json(const std::string& text) {
  std::string_view rest = text;
  std::string compact;
  JsonStream stream;
  if (stream.read(rest, compact) == JsonStream::State::Done && compact.starts_with('{'))
    return compact;
  return "\"" + json_escaped(text) + "\"";
}

std::string with_calls(const Message& message) {
  std::string text = message.content;
  for (const ToolCall& call : message.tool_calls) {
    if (!text.empty()) text += '\n';
    text += fmt::format("<tool_call>\n{{\"name\": \"{}\", \"arguments\": {}}}\n</tool_call>",
                        json_escaped(call.name), as_json(call.arguments));
  }
  return text;
}

}  // namespace

llama::CallSyntax noted_calls() {
  llama::CallSyntax calls;
  calls.form = llama::CallSyntax::Form::Json;
  calls.call_begin = "<tool_call>\n";
  calls.call_end = "</tool_call>";
  return calls;
}

std::string tool_note(std::span<const Tool> tools, bool with_syntax) {
  std::string note = "You can call these tools. Each line is one, as JSON:\n";
  for (const Tool& tool : tools) {
    note += fmt::format("{{\"name\": \"{}\", \"description\": \"{}\", \"parameters\": {}}}\n",
                        json_escaped(tool.name), json_escaped(tool.description),
                        as_json(tool.parameters));
  }
  if (!with_syntax) return note;
  return note +
         "To call one, answer with its name and its arguments like this, and nothing after it:\n"
         "<tool_call>\n{\"name\": \"the tool\", \"arguments\": {\"parameter\": \"value\"}}\n"
         "</tool_call>\n"
         "The result then comes between <tool_response> and </tool_response>.";
}

std::vector<Message> without_tool_messages(std::span<const Message> messages) {
  std::vector<Message> made;
  for (const Message& message : messages) {
    if (message.role == "assistant") {
      made.push_back(
          {.role = message.role, .content = with_calls(message), .reasoning = message.reasoning});
      continue;
    }
    const bool is_result = message.role == "tool";
    std::string text =
        is_result ? "<tool_response>\n" + message.content + "\n</tool_response>" : message.content;
    const std::string role = is_result ? "user" : message.role;
    const bool joins = role == "user" && !made.empty() && made.back().role == "user";
    if (joins) made.back().content += "\n" + text;
    else made.push_back({.role = role, .content = std::move(text), .name = message.name});
  }
  return made;
}

}  // namespace shimmy::chat
