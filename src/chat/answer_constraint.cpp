#include "chat/answer_constraint.h"

#include <fmt/format.h>

#include <utility>

#include "chat/markers.h"
#include "chat/structural_tags.h"

namespace shimmy::chat {
namespace {

namespace json = boost::json;
using Form = llama::CallSyntax::Form;

std::string without_leading_blanks(std::string_view text) {
  skip_blanks(text);
  return std::string(text);
}

json::value parameters_of(const Tool& tool) {
  json::value schema = json::parse(tool.parameters);
  const bool says_nothing = !schema.is_object() || schema.get_object().empty();
  if (!says_nothing) return schema;
  return {{"type", "object"}, {"properties", json::object{}}, {"additionalProperties", false}};
}

// The style of XGrammar's that is written with these markers; empty: none.
std::string_view parameter_style(const llama::CallSyntax& calls) {
  const std::string_view prefix = trimmed(calls.parameter_prefix);
  if (prefix == "<parameter=") return "qwen_xml";
  if (prefix == "<parameter name=\"") return "minimax_xml";
  if (prefix == "<arg_key>") return "glm_xml";
  if (prefix == "<｜DSML｜parameter name=\"") return "deepseek_xml";
  return {};
}

// Where the template breaks lines after a marker, models break them before the closing one.
json::value ends(const std::string& end, bool on_lines) {
  if (!on_lines || end.starts_with('\n')) return json::value(end);
  return json::array{"\n" + end, json::string(end)};
}

class CallTags {
 public:
  explicit CallTags(const AnswerRules& rules) : rules_(rules), calls_(rules.syntax.calls) {}

  // Among free text.
  json::object among_text() const {
    const bool once = !rules_.parallel_calls;
    if (calls_.form == Form::Harmony) return harmony_among_text(once);
    if (!trimmed(calls_.section_begin).empty())
      return tags::triggered({json::string(trimmed(calls_.section_begin))}, {section()}, once);
    const std::string_view begin = trimmed(calls_.call_begin);
    json::array triggers{json::string(begin)};
    if (begin.empty()) triggers = {json::string(bare_trigger())};
    return tags::triggered(std::move(triggers), each(), once);
  }

  // One or more, and nothing else.
  json::object alone() const {
    if (!trimmed(calls_.section_begin).empty()) return section();
    return list();
  }

  json::array harmony_calls() const {
    json::array made;
    for (const Tool& tool : rules_.tools) {
      made.push_back(harmony_call(true, "", tool));
      made.push_back(harmony_call(false, "", tool));
    }
    return made;
  }

 private:
  std::string bare_trigger() const {
    if (calls_.form != Form::Json) return without_leading_blanks(calls_.name_prefix);
    return calls_.name_is_key ? "{\"" : fmt::format("{{\"{}\": \"", calls_.name_field);
  }

  json::object list() const {
    json::object one = tags::any_of(each());
    if (!rules_.parallel_calls) return one;
    if (calls_.in_array)
      return tags::one_or_more(tags::sequence({std::move(one), tags::regex(",?[ \\n\\t]{0,8}")}));
    return tags::one_or_more(tags::sequence({std::move(one), tags::blanks()}));
  }

  json::object section() const {
    std::string begin = without_leading_blanks(calls_.section_begin);
    std::string end = calls_.section_end;
    if (calls_.in_array) {
      begin += "[";
      end = "]" + end;
    }
    json::object calls = list();
    if (calls_.in_array) calls = tags::sequence({tags::regex("[ \\n\\t]{0,8}"), std::move(calls)});
    return tags::tag(begin, std::move(calls), ends(end, calls_.section_begin.ends_with('\n')));
  }

  json::array each() const {
    json::array made;
    for (const Tool& tool : rules_.tools) made.push_back(call(tool));
    return made;
  }

  json::object call(const Tool& tool) const {
    const std::string begin = without_leading_blanks(calls_.call_begin);
    const bool on_lines = calls_.call_begin.ends_with('\n');
    if (calls_.form == Form::Json) {
      const std::string head = calls_.name_is_key
                                   ? fmt::format("{{\"{}\": ", tool.name)
                                   : fmt::format("{{\"{}\": \"{}\", \"{}\": ", calls_.name_field,
                                                 tool.name, calls_.arguments_field);
      return tags::tag(begin + head, json_content(tool), json_ends(on_lines));
    }
    return named_call(begin, tool);
  }

  json::object named_call(const std::string& begin, const Tool& tool) const {
    const std::string end = calls_.arguments_end + calls_.close + calls_.call_end;
    const bool breaks = calls_.form == Form::NamedJson && calls_.name_suffix.ends_with('\n');
    std::string head = begin + calls_.name_prefix + tool.name;
    std::string after = calls_.name_suffix + calls_.arguments_begin;
    json::array elements;
    if (calls_.id_leads) {
      head = begin;
      after.insert(0, calls_.name_prefix + tool.name);
      elements.push_back(tags::regex("[A-Za-z0-9_-]{1,40}"));
    } else if (calls_.name_has_decoration) {
      elements.push_back(tags::regex(":[0-9]{1,4}"));
    } else if (!calls_.id_prefix.empty()) {
      elements.push_back(tags::optional(
          tags::sequence({tags::text(calls_.id_prefix), tags::regex("[A-Za-z0-9_-]{1,40}")})));
    } else {
      return tags::tag(head + after, arguments(tool), ends(end, breaks));
    }
    elements.push_back(tags::text(after));
    elements.push_back(arguments(tool));
    return tags::tag(head, tags::sequence(std::move(elements)), ends(end, breaks));
  }

  // The arguments and what may follow them in the object.
  json::object json_content(const Tool& tool) const {
    json::array elements{tags::schema(parameters_of(tool))};
    if (!calls_.id_field.empty()) {
      elements.push_back(tags::optional(
          tags::regex(fmt::format(", \"{}\": \"[A-Za-z0-9_-]{{1,40}}\"", calls_.id_field))));
    }
    if (!calls_.call_end.empty()) elements.push_back(tags::text("}"));
    if (elements.size() == 1) return std::move(elements[0].get_object());
    return tags::sequence(std::move(elements));
  }

  json::value json_ends(bool on_lines) const {
    return calls_.call_end.empty() ? json::value("}") : ends(calls_.call_end, on_lines);
  }

  json::object arguments(const Tool& tool) const {
    if (calls_.form == Form::NamedJson) return tags::schema(parameters_of(tool));
    const std::string_view style = parameter_style(calls_);
    return style.empty() ? tags::any_text() : tags::schema(parameters_of(tool), style);
  }

  // The recipient stands in the channel's header or, before it, in the speaker's.
  json::object harmony_call(bool in_channel, std::string_view speaker, const Tool& tool) const {
    const std::string to = " to=functions." + tool.name;
    const std::string begin = in_channel ? "<|channel|>commentary" + to : std::string(speaker) + to;
    json::array elements;
    if (!in_channel) elements.push_back(tags::regex("<\\|channel\\|>(commentary|analysis)"));
    elements.push_back(tags::regex("( ?(<\\|constrain\\|>)?json)?"));
    elements.push_back(tags::text("<|message|>"));
    elements.push_back(tags::schema(parameters_of(tool)));
    return tags::tag(begin, tags::sequence(std::move(elements)), "");
  }

  json::object harmony_among_text(bool once) const {
    json::array made;
    for (const Tool& tool : rules_.tools) {
      made.push_back(harmony_call(true, "", tool));
      made.push_back(harmony_call(false, "<|start|>assistant", tool));
    }
    return tags::triggered({"<|channel|>commentary to=", "<|start|>assistant to="}, std::move(made),
                           once);
  }

  const AnswerRules& rules_;
  const llama::CallSyntax& calls_;
};

// What comes before content and calls.
void add_reasoning(const AnswerRules& rules, json::array& elements) {
  const llama::AnswerSyntax& syntax = rules.syntax;
  const std::string end(trimmed(syntax.reasoning_end));
  if (end.empty() || rules.start == AnswerStart::Content) return;
  const std::string begin = rules.start == AnswerStart::Reasoning
                                ? std::string()
                                : std::string(trimmed(syntax.reasoning_begin));
  json::object thoughts = tags::tag(begin, tags::any_text(), json::value(end));
  const bool is_harmony = syntax.calls.form == Form::Harmony;
  if (is_harmony) {
    // After each message, the next one's header names the speaker.
    elements.push_back(
        tags::optional(tags::sequence({std::move(thoughts), tags::text("<|start|>assistant")})));
    return;
  }
  if (rules.start == AnswerStart::Reasoning) elements.push_back(std::move(thoughts));
  else elements.push_back(tags::optional(tags::sequence({tags::blanks(), std::move(thoughts)})));
  elements.push_back(tags::blanks());
}

json::object output_format(const AnswerRules& rules) {
  json::object output = tags::of(rules.output);
  if (rules.syntax.calls.form == Form::Harmony)
    return tags::sequence({tags::text("<|channel|>final<|message|>"), std::move(output)});
  const std::string begin(trimmed(rules.syntax.content_begin));
  if (begin.empty()) return output;
  const std::string end(trimmed(rules.syntax.content_end));
  return tags::any_of({tags::tag(begin, output, json::value(end)), output});
}

json::object body(const AnswerRules& rules) {
  const bool has_output = rules.output.kind != generation::Constraint::Kind::None;
  if (rules.tools.empty()) return output_format(rules);
  const CallTags calls(rules);
  const bool is_harmony = rules.syntax.calls.form == Form::Harmony;
  if (!rules.calls_required && !has_output) return calls.among_text();
  json::object alone = is_harmony ? tags::any_of(calls.harmony_calls())
                                  : tags::sequence({tags::blanks(), calls.alone()});
  if (rules.calls_required) return alone;
  return tags::any_of({std::move(alone), output_format(rules)});
}

}  // namespace

generation::Constraint answer_constraint(const AnswerRules& rules) {
  using Kind = generation::Constraint::Kind;
  const bool thinks = rules.syntax.thinks() && rules.start != AnswerStart::Content;
  const bool is_harmony = rules.syntax.calls.form == Form::Harmony;
  const bool is_plain = !thinks && rules.syntax.content_begin.empty() && !is_harmony;
  if (rules.tools.empty() && (is_plain || rules.output.kind == Kind::None)) return rules.output;
  json::array elements;
  add_reasoning(rules, elements);
  elements.push_back(body(rules));
  json::object format = elements.size() == 1 ? std::move(elements[0].get_object())
                                             : tags::sequence(std::move(elements));
  const json::object whole{{"type", "structural_tag"}, {"format", std::move(format)}};
  return {Kind::StructuralTag, json::serialize(whole), rules.output.strict};
}

}  // namespace shimmy::chat
