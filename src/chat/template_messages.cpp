#include "chat/template_messages.h"

#include <algorithm>
#include <span>
#include <utility>

#include "llama/chat_template.h"

namespace shimmy::chat {
namespace {

using llama::TemplateMessage;

bool is_system(const Message& message) { return message.role == "system"; }

// The name of the tool whose call has this id; empty if there is none.
std::string_view called_tool(std::span<const Message> messages, std::string_view id) {
  if (id.empty()) return {};
  for (const Message& message : messages) {
    for (const ToolCall& call : message.tool_calls) {
      if (call.id == id) return call.name;
    }
  }
  return {};
}

TemplateMessage as_template_message(const Message& message, std::span<const Message> all) {
  TemplateMessage made{.role = message.role,
                       .content = message.content,
                       .name = message.name,
                       .reasoning = message.reasoning,
                       .tool_call_id = message.tool_call_id};
  if (message.role == "tool" && message.name.empty())
    made.name = called_tool(all, message.tool_call_id);
  for (const ToolCall& call : message.tool_calls)
    made.calls.emplace_back(call.id, call.name, call.arguments);
  return made;
}

// Which system messages go to the start as one.
enum class Joined { Opening, All };

// `joined` keeps the text of the system message.
std::vector<TemplateMessage> as_template_messages(std::span<const Message> messages, Joined which,
                                                  std::string& joined) {
  joined.clear();
  const auto opening =
      static_cast<std::size_t>(std::ranges::find_if_not(messages, is_system) - messages.begin());
  const auto goes_to_start = [&](std::size_t i) {
    return is_system(messages[i]) && (i < opening || which == Joined::All);
  };
  std::vector<TemplateMessage> made;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!goes_to_start(i)) {
      made.push_back(as_template_message(messages[i], messages));
      continue;
    }
    if (!joined.empty()) joined += "\n\n";
    joined += messages[i].content;
  }
  const bool has_any =
      opening > 0 || (which == Joined::All && std::ranges::any_of(messages, is_system));
  if (has_any) made.insert(made.begin(), TemplateMessage{.role = "system", .content = joined});
  return made;
}

bool has_later_system_message(std::span<const Message> messages) {
  const auto other = std::ranges::find_if_not(messages, is_system);
  return std::any_of(other, messages.end(), is_system);
}

std::vector<PromptPart> as_prompt_parts(std::vector<llama::TemplatePart> rendered) {
  std::vector<PromptPart> parts;
  parts.reserve(rendered.size());
  for (llama::TemplatePart& part : rendered)
    parts.emplace_back(std::move(part.text), part.from_content);
  return parts;
}

}  // namespace

base::Result<std::vector<PromptPart>> render(const llama::ChatTemplate& jinja,
                                             const Conversation& conversation) {
  std::span<const Message> messages = conversation.messages;
  if (conversation.continues_final_message && !messages.empty())
    messages = messages.first(messages.size() - 1);
  std::vector<llama::TemplateTool> tools;
  if (conversation.tool_choice.mode != ToolChoice::Mode::None) {
    for (const Tool& tool : conversation.tools)
      tools.emplace_back(tool.name, tool.description, tool.parameters);
  }
  std::string joined;
  auto shown = as_template_messages(messages, Joined::Opening, joined);
  llama::TemplateInputs inputs{.messages = shown,
                               .tools = tools,
                               .add_generation_prompt = conversation.adds_generation_prompt,
                               .enable_thinking = conversation.thinking,
                               .reasoning_effort = conversation.reasoning_effort,
                               .variables = conversation.template_arguments};
  auto rendered = jinja.render(inputs);
  if (!rendered && has_later_system_message(messages)) {
    shown = as_template_messages(messages, Joined::All, joined);
    inputs.messages = shown;
    if (auto again = jinja.render(inputs)) rendered = std::move(again);
  }
  if (!rendered) return std::unexpected(std::move(rendered.error()));
  return as_prompt_parts(std::move(*rendered));
}

}  // namespace shimmy::chat
