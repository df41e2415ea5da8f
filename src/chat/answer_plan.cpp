#include "chat/answer_plan.h"

#include <boost/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "chat/answer_constraint.h"
#include "chat/harmony_format.h"
#include "chat/whole_text_format.h"
#include "llama/chat_template.h"
#include "llama/peg_format.h"

namespace shimmy::chat {
namespace {

using Form = llama::CallSyntax::Form;
using Mode = ToolChoice::Mode;

bool is_json(const std::string& text) {
  boost::json::parse_options options;
  options.max_depth = 128;
  boost::system::error_code error;
  boost::json::parse(text, error, {}, options);
  return !error;
}

base::Result<void> check_tools(const Conversation& conversation) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < conversation.tools.size(); ++i) {
    const Tool& tool = conversation.tools[i];
    if (!names.insert(tool.name).second) {
      return base::fail_field("tools", "Two tools are named '{}': give each a name of its own.",
                              tool.name);
    }
    if (!is_json(tool.parameters)) {
      return base::fail_field(fmt::format("tools[{}].function.parameters", i),
                              "The parameters of tool '{}' are not JSON.", tool.name);
    }
  }
  const ToolChoice& choice = conversation.tool_choice;
  if (choice.mode == Mode::Named && !names.contains(choice.name)) {
    return base::fail_field("tool_choice", "tool_choice names '{}', which is none of the tools.",
                            choice.name);
  }
  if (choice.mode == Mode::Required && names.empty()) {
    return base::fail_field("tool_choice", "tool_choice is 'required', but there are no tools.");
  }
  return {};
}

// The tools that may be called.
std::vector<Tool> callable(const Conversation& conversation) {
  std::vector<Tool> tools;
  if (conversation.tool_choice.mode == Mode::None) return tools;
  for (const Tool& tool : conversation.tools) {
    if (conversation.tool_choice.mode != Mode::Named || tool.name == conversation.tool_choice.name)
      tools.push_back(tool);
  }
  return tools;
}

bool requires_calls(const Conversation& conversation) {
  const Mode mode = conversation.tool_choice.mode;
  return mode == Mode::Required || mode == Mode::Named;
}

base::Result<AnswerPlan> plan_of_others(const llama::ChatTemplate& jinja,
                                        const Conversation& conversation,
                                        std::span<const Tool> tools) {
  using Kind = generation::Constraint::Kind;
  std::vector<llama::TemplateTool> shown;
  for (const Tool& tool : tools) shown.emplace_back(tool.name, tool.description, tool.parameters);
  std::string schema;
  if (conversation.output.kind == Kind::JsonSchema) schema = conversation.output.text;
  if (conversation.output.kind == Kind::JsonObject) schema = R"({"type":"object"})";
  auto peg = llama::PegFormat::create(
      jinja, {.tools = shown,
              .calls_required = requires_calls(conversation),
              .parallel_calls = conversation.parallel_tool_calls,
              .output_schema = shown.empty() ? std::string_view(schema) : std::string_view(),
              .thinking = conversation.thinking.value_or(true),
              .separates_reasoning = conversation.separates_reasoning,
              .adds_generation_prompt = conversation.adds_generation_prompt});
  if (!peg) return std::unexpected(std::move(peg.error()));
  AnswerPlan plan{.constraint = {}, .format = whole_text_format(*peg, !tools.empty())};
  if (!(*peg)->grammar().empty()) plan.constraint = {Kind::Gbnf, (*peg)->grammar()};
  else if (tools.empty()) plan.constraint = conversation.output;
  return plan;
}

void append(std::string& key, std::string_view part) {
  key += std::to_string(part.size());
  key += ':';
  key += part;
}

}  // namespace

std::string plan_key(const Conversation& conversation, AnswerStart start) {
  std::string key;
  for (const Tool& tool : conversation.tools) {
    append(key, tool.name);
    append(key, tool.parameters);
  }
  append(key, conversation.tool_choice.name);
  append(key, conversation.output.text);
  const bool thinks = conversation.thinking.value_or(true);
  for (const int flag :
       {static_cast<int>(conversation.tool_choice.mode), static_cast<int>(conversation.output.kind),
        static_cast<int>(start), int{conversation.parallel_tool_calls},
        int{conversation.output.strict}, int{conversation.separates_reasoning}, int{thinks},
        int{conversation.adds_generation_prompt}})
    key += static_cast<char>('0' + flag);
  return key;
}

base::Result<std::shared_ptr<const AnswerPlan>> make_plan(const llama::ChatTemplate& jinja,
                                                          const llama::AnswerSyntax& syntax,
                                                          const Conversation& conversation,
                                                          AnswerStart start) {
  if (auto ok = check_tools(conversation); !ok) return std::unexpected(std::move(ok.error()));
  const std::vector<Tool> tools = callable(conversation);
  const AnswerReading reading{start, conversation.separates_reasoning,
                              requires_calls(conversation)};
  if (syntax.calls.form == Form::Other) {
    auto plan = plan_of_others(jinja, conversation, tools);
    if (!plan) return std::unexpected(std::move(plan.error()));
    return std::make_shared<const AnswerPlan>(std::move(*plan));
  }
  AnswerPlan plan;
  try {
    plan.constraint = answer_constraint({.syntax = syntax,
                                         .tools = tools,
                                         .calls_required = requires_calls(conversation),
                                         .parallel_calls = conversation.parallel_tool_calls,
                                         .output = conversation.output,
                                         .start = start});
  } catch (const boost::system::system_error&) {
    return base::fail_field("response_format", "The schema of response_format is not JSON.");
  }
  plan.format = syntax.calls.form == Form::Harmony ? harmony_format(tools, reading)
                                                   : tag_format(syntax, tools, reading);
  return std::make_shared<const AnswerPlan>(std::move(plan));
}

}  // namespace shimmy::chat
