#include "llama/peg_format.h"

#include <chat-auto-parser.h>
#include <chat.h>

#include <exception>
#include <utility>

#include "llama/parsed_template.h"
#include "llama/probe_inputs.h"

namespace shimmy::llama {
namespace {

common_json tools_json(std::span<const TemplateTool> tools) {
  auto list = common_json::array();
  for (const TemplateTool& tool : tools) {
    auto function = common_json::object();
    function["name"] = std::string(tool.name);
    function["description"] = std::string(tool.description);
    function["parameters"] = common_json::parse(std::string(tool.parameters));
    auto object = common_json::object();
    object["type"] = "function";
    object["function"] = function;
    list.push_back(object);
  }
  return list;
}

autoparser::generation_params params_of(const AnswerRequest& request) {
  autoparser::generation_params params = probe_inputs();
  params.tools = request.tools.empty() ? common_json() : tools_json(request.tools);
  params.tool_choice =
      request.calls_required ? COMMON_CHAT_TOOL_CHOICE_REQUIRED : COMMON_CHAT_TOOL_CHOICE_AUTO;
  params.parallel_tool_calls = request.parallel_calls;
  params.enable_thinking = request.thinking;
  params.reasoning_format =
      request.separates_reasoning ? COMMON_REASONING_FORMAT_DEEPSEEK : COMMON_REASONING_FORMAT_NONE;
  params.add_generation_prompt = request.adds_generation_prompt;
  if (!request.output_schema.empty())
    params.json_schema = common_json::parse(std::string(request.output_schema));
  return params;
}

common_chat_params compile(const common_chat_template& source,
                           autoparser::generation_params params) {
  if (auto special = common_chat_try_specialized_template(source, source.source(), params))
    return std::move(*special);
  return autoparser::peg_generator::generate_parser(source, params);
}

}  // namespace

struct PegFormat::Compiled {
  common_chat_parser_params params;
  std::string grammar;
};

PegFormat::PegFormat(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
PegFormat::~PegFormat() = default;

base::Result<std::shared_ptr<const PegFormat>> PegFormat::create(const ChatTemplate& chat_template,
                                                                 const AnswerRequest& request) {
  const RenderLimits::Count count;
  try {
    common_chat_params made = compile(chat_template.parsed_->source, params_of(request));
    auto compiled = std::make_unique<Compiled>();
    compiled->params = common_chat_parser_params(made);
    compiled->params.reasoning_format = request.separates_reasoning
                                            ? COMMON_REASONING_FORMAT_DEEPSEEK
                                            : COMMON_REASONING_FORMAT_NONE;
    compiled->params.parser.load(made.parser);
    if (!made.grammar_lazy) compiled->grammar = std::move(made.grammar);
    return std::shared_ptr<const PegFormat>(new PegFormat(std::move(compiled)));
  } catch (const std::exception& error) {
    return base::fail_field("tools", "These tools cannot be offered to this model: {}",
                            error.what());
  }
}

ParsedAnswer PegFormat::parse(const std::string& text, bool is_partial) const {
  ParsedAnswer answer;
  try {
    common_chat_msg parsed = common_chat_parse(text, is_partial, compiled_->params);
    answer.reasoning = std::move(parsed.reasoning_content);
    answer.content = std::move(parsed.content);
    for (common_chat_tool_call& call : parsed.tool_calls)
      answer.calls.emplace_back(std::move(call.name), std::move(call.arguments));
  } catch (const std::exception&) {
    if (!is_partial) answer.content = text;
  }
  return answer;
}

const std::string& PegFormat::grammar() const { return compiled_->grammar; }

}  // namespace shimmy::llama
