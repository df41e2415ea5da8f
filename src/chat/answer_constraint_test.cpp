#include "chat/answer_constraint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace shimmy::chat {
namespace {

namespace json = boost::json;
using generation::Constraint;
using Kind = Constraint::Kind;
using testing::HasSubstr;
using testing::Not;

const std::vector<Tool> kTools{
    {"look_up", "", R"({"type":"object","properties":{"word":{"type":"string"}}})"},
    {"stop", "", "{}"}};

llama::AnswerSyntax hermes(bool thinks = false) {
  llama::AnswerSyntax syntax;
  if (thinks) {
    syntax.reasoning_begin = "<think>\n";
    syntax.reasoning_end = "\n</think>\n\n";
  }
  syntax.calls.form = llama::CallSyntax::Form::Json;
  syntax.calls.call_begin = "<tool_call>\n";
  syntax.calls.call_end = "</tool_call>";
  return syntax;
}

json::object format_of(const AnswerRules& rules) {
  const Constraint made = answer_constraint(rules);
  EXPECT_EQ(made.kind, Kind::StructuralTag);
  const json::value whole = json::parse(made.text);
  EXPECT_EQ(whole.at("type").as_string(), "structural_tag");
  return whole.at("format").as_object();
}

TEST(AnswerConstraint, BindsNothingWithoutToolsAndOutput) {
  const auto syntax = hermes(true);
  EXPECT_EQ(answer_constraint({.syntax = syntax}).kind, Kind::None);
}

TEST(AnswerConstraint, PassesTheOutputOnWhereNothingElseIsWritten) {
  const auto syntax = hermes();
  const Constraint output{Kind::Regex, "a+", true};
  EXPECT_EQ(answer_constraint({.syntax = syntax, .output = output}), output);
}

TEST(AnswerConstraint, LetsTheModelThinkBeforeTheOutput) {
  const auto syntax = hermes(true);
  const auto format =
      format_of({.syntax = syntax, .output = {Kind::JsonSchema, R"({"type":"string"})"}});
  const json::array& elements = format.at("elements").as_array();
  ASSERT_EQ(elements.size(), 3U);
  EXPECT_EQ(elements[0].at("type").as_string(), "optional");
  EXPECT_THAT(json::serialize(elements[0]), HasSubstr(R"("begin":"<think>")"));
  EXPECT_EQ(elements[2].at("json_schema").at("type").as_string(), "string");
}

TEST(AnswerConstraint, EndsThoughtsThatThePromptOpened) {
  const auto syntax = hermes(true);
  const auto format =
      format_of({.syntax = syntax, .output = {Kind::JsonObject}, .start = AnswerStart::Reasoning});
  const json::value& thoughts = format.at("elements").at(0);
  EXPECT_EQ(thoughts.at("begin").as_string(), "");
  EXPECT_EQ(thoughts.at("end").as_string(), "</think>");
}

TEST(AnswerConstraint, LeavesClosedThoughtsOut) {
  const auto syntax = hermes(true);
  const Constraint output{Kind::JsonObject};
  EXPECT_EQ(answer_constraint({.syntax = syntax, .output = output, .start = AnswerStart::Content}),
            output);
}

TEST(AnswerConstraint, BindsCallsAmongFreeText) {
  const auto syntax = hermes();
  const auto format = format_of({.syntax = syntax, .tools = kTools});
  EXPECT_EQ(format.at("type").as_string(), "triggered_tags");
  EXPECT_EQ(format.at("triggers").at(0).as_string(), "<tool_call>");
  EXPECT_FALSE(format.at("at_least_one").as_bool());
  EXPECT_FALSE(format.at("stop_after_first").as_bool());
  const json::array& tags = format.at("tags").as_array();
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[0].at("begin").as_string(),
            "<tool_call>\n{\"name\": \"look_up\", \"arguments\": ");
  EXPECT_THAT(json::serialize(tags[0]), HasSubstr(R"("word":{"type":"string"})"));
}

TEST(AnswerConstraint, AllowsNoArgumentsWhereAToolTakesNone) {
  const auto syntax = hermes();
  const auto format = format_of({.syntax = syntax, .tools = std::span(kTools).subspan(1)});
  EXPECT_THAT(json::serialize(format), HasSubstr(R"("additionalProperties":false)"));
}

TEST(AnswerConstraint, AllowsOneCallIfTheyMayNotBeParallel) {
  const auto syntax = hermes();
  const auto among = format_of({.syntax = syntax, .tools = kTools, .parallel_calls = false});
  EXPECT_TRUE(among.at("stop_after_first").as_bool());
  const auto alone = format_of(
      {.syntax = syntax, .tools = kTools, .calls_required = true, .parallel_calls = false});
  EXPECT_THAT(json::serialize(alone), Not(HasSubstr("plus")));
}

TEST(AnswerConstraint, LeavesNoTextBesidesRequiredCalls) {
  const auto syntax = hermes();
  const auto format = format_of({.syntax = syntax, .tools = kTools, .calls_required = true});
  EXPECT_THAT(json::serialize(format), HasSubstr("\"plus\""));
  EXPECT_THAT(json::serialize(format), Not(HasSubstr("triggered_tags")));
  EXPECT_THAT(json::serialize(format), Not(HasSubstr("any_text")));
}

TEST(AnswerConstraint, LetsTheModelChooseBetweenCallsAndOutput) {
  const auto syntax = hermes();
  const auto format = format_of(
      {.syntax = syntax, .tools = kTools, .output = {Kind::JsonSchema, R"({"type":"integer"})"}});
  ASSERT_EQ(format.at("type").as_string(), "or");
  EXPECT_THAT(json::serialize(format.at("elements").at(0)), HasSubstr("look_up"));
  EXPECT_EQ(format.at("elements").at(1).at("json_schema").at("type").as_string(), "integer");
}

TEST(AnswerConstraint, WritesNamedCallsInTheirSection) {
  llama::AnswerSyntax syntax;
  syntax.calls.form = llama::CallSyntax::Form::NamedJson;
  syntax.calls.section_begin = "<calls>";
  syntax.calls.section_end = "</calls>";
  syntax.calls.call_begin = "<call>";
  syntax.calls.name_suffix = "<args>";
  syntax.calls.call_end = "</call>";
  const auto format = format_of({.syntax = syntax, .tools = kTools});
  EXPECT_EQ(format.at("triggers").at(0).as_string(), "<calls>");
  const json::value& section = format.at("tags").at(0);
  EXPECT_EQ(section.at("begin").as_string(), "<calls>");
  EXPECT_EQ(section.at("end").as_string(), "</calls>");
  EXPECT_THAT(json::serialize(section), HasSubstr(R"("begin":"<call>look_up<args>")"));
}

TEST(AnswerConstraint, UsesTheStyleThatParametersAreWrittenIn) {
  llama::AnswerSyntax syntax;
  syntax.calls.form = llama::CallSyntax::Form::Parameters;
  syntax.calls.call_begin = "<tool_call>";
  syntax.calls.call_end = "</tool_call>";
  for (const auto& [prefix, style] : {std::pair{"<parameter=", "qwen_xml"},
                                      {"<arg_key>", "glm_xml"},
                                      {"<parameter name=\"", "minimax_xml"}}) {
    syntax.calls.parameter_prefix = prefix;
    EXPECT_THAT(answer_constraint({.syntax = syntax, .tools = kTools}).text, HasSubstr(style));
  }
  syntax.calls.parameter_prefix = "<unheard of>";
  EXPECT_THAT(answer_constraint({.syntax = syntax, .tools = kTools}).text, HasSubstr("any_text"));
}

TEST(AnswerConstraint, KnowsTheChannelsOfHarmony) {
  llama::AnswerSyntax syntax;
  syntax.reasoning_begin = "<|channel|>analysis<|message|>";
  syntax.reasoning_end = "<|end|>";
  syntax.calls.form = llama::CallSyntax::Form::Harmony;
  const std::string text =
      answer_constraint({.syntax = syntax, .tools = kTools, .calls_required = true}).text;
  EXPECT_THAT(text, HasSubstr("<|channel|>commentary to=functions.look_up"));
  EXPECT_THAT(text, HasSubstr("<|start|>assistant"));
  EXPECT_THAT(answer_constraint({.syntax = syntax, .output = {Kind::JsonObject}}).text,
              HasSubstr("<|channel|>final<|message|>"));
}

TEST(AnswerConstraint, KeepsStrictness) {
  const auto syntax = hermes(true);
  const Constraint output{Kind::JsonSchema, "{}", true};
  EXPECT_TRUE(answer_constraint({.syntax = syntax, .output = output}).strict);
}

}  // namespace
}  // namespace shimmy::chat
