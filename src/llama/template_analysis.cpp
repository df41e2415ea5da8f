#include "llama/template_analysis.h"

#include <chat-auto-parser.h>
#include <chat.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "llama/parsed_template.h"
#include "llama/probe_inputs.h"

namespace shimmy::llama {
namespace {

using Form = CallSyntax::Form;

constexpr std::string_view kGigaChatCall = "<|message_sep|>\n\nfunction call<|role_sep|>\n";

CallSyntax qwen_xml() {
  CallSyntax calls;
  calls.form = Form::Parameters;
  calls.call_begin = "<tool_call>\n";
  calls.call_end = "</tool_call>";
  calls.name_prefix = "<function=";
  calls.name_suffix = ">\n";
  calls.close = "</function>\n";
  calls.parameter_prefix = "<parameter=";
  calls.parameter_suffix = ">\n";
  calls.value_suffix = "\n</parameter>\n";
  return calls;
}

CallSyntax mistral_named() {
  CallSyntax calls;
  calls.form = Form::NamedJson;
  calls.call_begin = "[TOOL_CALLS]";
  calls.name_suffix = "[ARGS]";
  return calls;
}

CallSyntax kimi() {
  CallSyntax calls;
  calls.form = Form::NamedJson;
  calls.section_begin = "<|tool_calls_section_begin|>";
  calls.section_end = "<|tool_calls_section_end|>";
  calls.call_begin = "<|tool_call_begin|>";
  calls.call_end = "<|tool_call_end|>";
  calls.name_prefix = "functions.";
  calls.name_suffix = "<|tool_call_argument_begin|>";
  calls.name_has_decoration = true;
  return calls;
}

CallSyntax deepseek_dsml(bool names_function_calls) {
  const std::string section =
      names_function_calls ? "｜DSML｜function_calls>" : "｜DSML｜tool_calls>";
  CallSyntax calls;
  calls.form = Form::Parameters;
  calls.section_begin = "<" + section + "\n";
  calls.section_end = "</" + section;
  calls.name_prefix = "<｜DSML｜invoke name=\"";
  calls.name_suffix = "\">\n";
  calls.close = "</｜DSML｜invoke>\n";
  calls.parameter_prefix = "<｜DSML｜parameter name=\"";
  calls.parameter_suffix = "\"";
  calls.has_attributes = true;
  calls.value_suffix = "</｜DSML｜parameter>\n";
  return calls;
}

bool is_triggered_by(const common_chat_params& found, std::string_view word) {
  return std::ranges::any_of(found.grammar_triggers,
                             [&](const auto& trigger) { return trigger.value == word; });
}

// The syntaxes for which llama-common has a parser of its own and we have data.
CallSyntax known_calls(const std::string& source, const common_chat_params& found) {
  const auto triggered_by = [&](std::string_view word) { return is_triggered_by(found, word); };
  const auto has = [&](std::string_view text) { return source.contains(text); };
  CallSyntax calls;
  if (triggered_by("[TOOL_CALLS]") && has("[ARGS]")) return mistral_named();
  if (found.thinking_start_tag == "<|channel|>analysis<|message|>") {
    calls.form = Form::Harmony;
    return calls;
  }
  if (triggered_by("<|tool_call_begin|>")) return kimi();
  if (triggered_by("<｜DSML｜function_calls>")) return deepseek_dsml(true);
  if (triggered_by("<｜DSML｜tool_calls>")) return deepseek_dsml(false);
  if (triggered_by("<tool_call>") && has("<function=") && has("<parameter=")) {
    calls = qwen_xml();
    calls.call_begin_is_optional = found.thinking_start_tag.empty();
    return calls;
  }
  if (triggered_by(kGigaChatCall)) {
    calls.form = Form::Json;
    calls.call_begin = kGigaChatCall;
    return calls;
  }
  calls.form = Form::Other;
  return calls;
}

AnswerSyntax of_specialized(const std::string& source, const common_chat_params& found) {
  AnswerSyntax syntax;
  syntax.calls = known_calls(source, found);
  if (found.supports_thinking && !found.thinking_end_tags.empty()) {
    syntax.reasoning_begin = found.thinking_start_tag;
    syntax.reasoning_end = found.thinking_end_tags.front();
    syntax.call_ends_reasoning = is_triggered_by(found, found.thinking_end_tags.back());
  }
  syntax.specials = found.preserved_tokens;
  syntax.stops = found.additional_stops;
  return syntax;
}

Form form_of(autoparser::tool_format mode) {
  switch (mode) {
    case autoparser::tool_format::JSON_NATIVE: return Form::Json;
    case autoparser::tool_format::TAG_WITH_JSON: return Form::NamedJson;
    case autoparser::tool_format::TAG_WITH_TAGGED: return Form::Parameters;
    case autoparser::tool_format::NONE: break;
  }
  return Form::None;
}

// The analysis says some things in two ways; ours is one.
void normalize(CallSyntax& calls) {
  if (calls.parameter_suffix.empty()) std::swap(calls.parameter_suffix, calls.value_prefix);
  const bool wraps_array = calls.in_array && calls.section_begin.empty();
  if (wraps_array) {
    std::swap(calls.section_begin, calls.call_begin);
    std::swap(calls.section_end, calls.call_end);
  }
  const bool is_no_section =
      !calls.in_array && calls.section_end.empty() && calls.call_begin.empty();
  if (is_no_section) std::swap(calls.section_begin, calls.call_begin);
  // The id of the call that it was probed with.
  constexpr std::string_view kProbedId = "call00001";
  if (calls.name_prefix.starts_with(kProbedId)) {
    calls.name_prefix.erase(0, kProbedId.size());
    calls.id_leads = true;
  }
}

CallSyntax of_tools(const autoparser::analyze_tools& tools) {
  CallSyntax calls;
  calls.form = form_of(tools.format.mode);
  calls.section_begin = tools.format.section_start;
  calls.section_end = tools.format.section_end;
  calls.call_begin = tools.format.per_call_start;
  calls.call_end = tools.format.per_call_end;
  calls.in_array = tools.format.tools_array_wrapped;
  calls.name_is_key = tools.format.fun_name_is_key;
  if (!tools.format.name_field.empty()) calls.name_field = tools.format.name_field;
  if (!tools.format.args_field.empty()) calls.arguments_field = tools.format.args_field;
  calls.id_field = tools.format.id_field;
  calls.name_prefix = tools.function.name_prefix;
  calls.name_suffix = tools.function.name_suffix + tools.function.args_separator;
  if (tools.call_id.pos == autoparser::call_id_position::BETWEEN_FUNC_AND_ARGS)
    calls.id_prefix = tools.call_id.prefix;
  calls.arguments_begin = tools.arguments.start;
  calls.arguments_end = tools.arguments.end;
  calls.close = tools.function.close;
  calls.parameter_prefix = tools.arguments.name_prefix;
  calls.parameter_suffix = tools.arguments.name_suffix;
  calls.value_prefix = tools.arguments.value_prefix;
  calls.value_suffix = tools.arguments.value_suffix;
  normalize(calls);
  return calls;
}

AnswerSyntax of_analysis(const autoparser::autoparser& found) {
  AnswerSyntax syntax;
  if (found.reasoning.mode != autoparser::reasoning_mode::NONE) {
    syntax.reasoning_begin = found.reasoning.start;
    syntax.reasoning_end = found.reasoning.end;
  }
  if (found.content.mode != autoparser::content_mode::PLAIN) {
    syntax.content_begin = found.content.start;
    syntax.content_end = found.content.end;
  }
  syntax.calls = of_tools(found.tools);
  syntax.specials = found.preserved_tokens;
  syntax.stops = found.additional_stops;
  return syntax;
}

}  // namespace

AnswerSyntax analyze(const ChatTemplate& chat_template) {
  const common_chat_template& source = chat_template.parsed_->source;
  const RenderLimits::Count count;
  try {
    auto inputs = probe_inputs();
    if (const auto found = common_chat_try_specialized_template(source, source.source(), inputs))
      return of_specialized(source.source(), *found);
    autoparser::autoparser found;
    found.analyze_template(source);
    return of_analysis(found);
  } catch (const std::exception&) {
    // The template refuses what it is probed with: its answers are text like any other.
    return {};
  }
}

}  // namespace shimmy::llama
