#include "chat/tag_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chat/answer_reading_fixture.h"

namespace shimmy::chat {
namespace {

using llama::AnswerSyntax;
using llama::CallSyntax;
using testing::HasSubstr;

AnswerSyntax hermes() {
  AnswerSyntax syntax;
  syntax.reasoning_begin = "<think>\n";
  syntax.reasoning_end = "\n</think>\n\n";
  syntax.calls.form = CallSyntax::Form::Json;
  syntax.calls.call_begin = "<tool_call>\n";
  syntax.calls.call_end = "</tool_call>";
  return syntax;
}

AnswerSyntax bare() {
  AnswerSyntax syntax;
  syntax.calls.form = CallSyntax::Form::Json;
  syntax.calls.arguments_field = "parameters";
  return syntax;
}

AnswerSyntax mistral_array() {
  AnswerSyntax syntax;
  syntax.calls.form = CallSyntax::Form::Json;
  syntax.calls.section_begin = "[TOOL_CALLS]";
  syntax.calls.in_array = true;
  return syntax;
}

AnswerSyntax mistral_named() {
  AnswerSyntax syntax;
  syntax.reasoning_begin = "[THINK]";
  syntax.reasoning_end = "[/THINK]";
  syntax.calls.form = CallSyntax::Form::NamedJson;
  syntax.calls.call_begin = "[TOOL_CALLS]";
  syntax.calls.name_suffix = "[ARGS]";
  syntax.calls.id_prefix = "[CALL_ID]";
  return syntax;
}

AnswerSyntax deepseek() {
  AnswerSyntax syntax;
  syntax.calls.form = CallSyntax::Form::NamedJson;
  syntax.calls.section_begin = "<｜tool▁calls▁begin｜>";
  syntax.calls.section_end = "<｜tool▁calls▁end｜>";
  syntax.calls.call_begin = "<｜tool▁call▁begin｜>";
  syntax.calls.call_end = "<｜tool▁call▁end｜>";
  syntax.calls.name_prefix = "function<｜tool▁sep｜>";
  syntax.calls.name_suffix = "\n```json\n";
  syntax.calls.close = "```";
  return syntax;
}

AnswerSyntax kimi() {
  AnswerSyntax syntax;
  syntax.calls.form = CallSyntax::Form::NamedJson;
  syntax.calls.section_begin = "<|calls|>";
  syntax.calls.section_end = "<|/calls|>";
  syntax.calls.call_begin = "<|call|>";
  syntax.calls.call_end = "<|/call|>";
  syntax.calls.name_prefix = "functions.";
  syntax.calls.name_suffix = "<|args|>";
  syntax.calls.name_has_decoration = true;
  return syntax;
}

AnswerSyntax qwen_xml() {
  AnswerSyntax syntax;
  syntax.calls.form = CallSyntax::Form::Parameters;
  syntax.calls.call_begin = "<tool_call>\n";
  syntax.calls.call_end = "</tool_call>";
  syntax.calls.call_begin_is_optional = true;
  syntax.calls.name_prefix = "<function=";
  syntax.calls.name_suffix = ">\n";
  syntax.calls.close = "</function>\n";
  syntax.calls.parameter_prefix = "<parameter=";
  syntax.calls.parameter_suffix = ">\n";
  syntax.calls.value_suffix = "\n</parameter>\n";
  return syntax;
}

AnswerSyntax glm() {
  AnswerSyntax syntax;
  syntax.calls.form = CallSyntax::Form::Parameters;
  syntax.calls.call_begin = "<tool_call>";
  syntax.calls.call_end = "</tool_call>";
  syntax.calls.parameter_prefix = "<arg_key>";
  syntax.calls.parameter_suffix = "</arg_key>";
  syntax.calls.value_prefix = "<arg_value>";
  syntax.calls.value_suffix = "</arg_value>";
  return syntax;
}

AnswerSyntax dsml() {
  AnswerSyntax syntax;
  syntax.calls.form = CallSyntax::Form::Parameters;
  syntax.calls.section_begin = "<D:calls>\n";
  syntax.calls.section_end = "</D:calls>";
  syntax.calls.name_prefix = "<D:invoke name=\"";
  syntax.calls.name_suffix = "\">\n";
  syntax.calls.close = "</D:invoke>\n";
  syntax.calls.parameter_prefix = "<D:parameter name=\"";
  syntax.calls.parameter_suffix = "\"";
  syntax.calls.has_attributes = true;
  syntax.calls.value_suffix = "</D:parameter>\n";
  return syntax;
}

struct Sample {
  const char* name;
  AnswerSyntax syntax;
  std::string text;
  std::string read;
  AnswerReading reading = {};
};

std::string read(const Sample& sample, const std::vector<Tool>& tools = two_tools()) {
  return read_any_cut(*tag_format(sample.syntax, tools, sample.reading), sample.text);
}

class Samples : public testing::TestWithParam<Sample> {};

TEST_P(Samples, AreReadTheSameHoweverTheyAreCut) { EXPECT_EQ(read(GetParam()), GetParam().read); }

std::string name_of(const testing::TestParamInfo<Sample>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Thoughts, Samples,
    testing::Values(
        Sample{"Then", hermes(), "<think>\nhm\n</think>\n\nYes.\n", "(hm)Yes.\n"},
        Sample{"OnlyContent", hermes(), "  Yes <think> no", "  Yes <think> no"},
        Sample{"Empty", hermes(), "<think>\n\n</think>\n\nYes.", "Yes."},
        Sample{"WithoutEnd", hermes(), "<think>a\n\nb </thi", "(a\n\nb </thi)"},
        Sample{
            "OpenedByThePrompt", hermes(), "\nhm</think>Yes", "(hm)Yes", {AnswerStart::Reasoning}},
        Sample{"OpenedAndNeverEnded", hermes(), "hm <b", "(hm <b)", {AnswerStart::Reasoning}},
        Sample{"ClosedByThePrompt", hermes(), "<think>x", "<think>x", {AnswerStart::Content}},
        Sample{
            "ContinuedContentKeepsItsBlanks", hermes(), " world", " world", {AnswerStart::Content}},
        Sample{"LeftInTheContent",
               hermes(),
               "<think>\nhm\n</think>\n\nYes",
               "<think>\nhm\n</think>\n\nYes",
               {AnswerStart::Open, false}},
        Sample{"WithACallInside", hermes(),
               "<think>I could <tool_call>{\"name\":\"stop\"}</tool_call></think>No",
               "(I could <tool_call>{\"name\":\"stop\"}</tool_call>)No"},
        Sample{"ThenACall", hermes(),
               "<think>hm</think>\n\n<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n"
               "</tool_call>",
               "(hm)[stop {}]"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Hermes, Samples,
    testing::Values(
        Sample{"One", hermes(),
               "<tool_call>\n{\"name\": \"look_up\", \"arguments\": {\"word\": \"a b\", \"limit\": "
               "[1, 2.5e3, null]}}\n</tool_call>",
               R"([look_up {"word":"a b","limit":[1,2.5e3,null]}])"},
        Sample{"CutInItsMarker", hermes(), "<tool_c", "<tool_c"},
        Sample{"RequiredAndCutInItsMarker",
               hermes(),
               "<think>hm</think>\n<tool_c",
               "(hm)",
               {AnswerStart::Open, true, true}},
        Sample{"TextBefore", hermes(),
               "Let me see.\n\n<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>",
               "Let me see.[stop {}]"},
        Sample{"Two", hermes(),
               "<tool_call>{\"name\":\"stop\",\"arguments\":{}}</tool_call>\n<tool_call>"
               "{\"name\":\"look_up\",\"arguments\":{\"word\":\"x\"}}</tool_call>",
               R"([stop {}][look_up {"word":"x"}])"},
        Sample{"TextBetween", hermes(),
               "<tool_call>{\"name\":\"stop\",\"arguments\":{}}</tool_call> and <tool_call>"
               "{\"name\":\"stop\",\"arguments\":{}}</tool_call>\nDone.",
               "andDone.[stop {}][stop {}]"},
        Sample{"ArgumentsFirst", hermes(),
               "<tool_call>{\"arguments\": {\"word\": \"x\"}, \"name\": \"look_up\"}</tool_call>",
               R"([look_up {"word":"x"}])"},
        Sample{"WithoutArguments", hermes(), "<tool_call>{\"name\": \"stop\"}</tool_call>",
               "[stop {}]"},
        Sample{"InAFunctionObject", hermes(),
               "<tool_call>{\"type\": \"function\", \"function\": {\"name\": \"look_up\", "
               "\"parameters\": {\"word\": \"x\"}}}</tool_call>",
               R"([look_up {"word":"x"}])"},
        Sample{"ArgumentsInAString", hermes(),
               R"(<tool_call>{"name": "look_up", "arguments": "{\"word\": \"x\"}"}</tool_call>)",
               R"([look_up {"word":"x"}])"},
        Sample{
            "BracesAndTagsInStrings", hermes(),
            R"(<tool_call>{"name":"look_up","arguments":{"word":"} \" </tool_call> {"}}</tool_call>)",
            R"([look_up {"word":"} \" </tool_call> {"}])"},
        Sample{"LineBreakInAString", hermes(),
               "<tool_call>{\"name\":\"look_up\",\"arguments\":{\"word\":\"a\nb\"}}</tool_call>",
               R"([look_up {"word":"a\nb"}])"},
        Sample{"UnknownTool", hermes(), "See <tool_call>{\"name\": \"rm\"}</tool_call>!",
               "See <tool_call>{\"name\": \"rm\"}</tool_call>!"},
        Sample{"NoJson", hermes(), "Write <tool_call> before it.", "Write <tool_call> before it."},
        Sample{"CutInTheTag", hermes(), "so <tool_c", "so <tool_c"},
        Sample{"CutInTheName", hermes(), "so <tool_call>{\"name\": \"look", "so"},
        Sample{"CutInTheArguments", hermes(),
               "<tool_call>{\"name\":\"look_up\",\"arguments\":{\"word\": \"ab",
               R"([look_up {"word":"ab])"},
        Sample{"CutBeforeTheArguments", hermes(), "<tool_call>{\"name\": \"look_up\", \"argu",
               "[look_up {}]"},
        Sample{"BrokenArguments", hermes(),
               "<tool_call>{\"name\":\"look_up\",\"arguments\":{\"word\" x}}</tool_call> on",
               R"(on[look_up {"word"])"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    OtherJson, Samples,
    testing::Values(
        Sample{"Llama", bare(), R"({"name": "look_up", "parameters": {"word": "x"}})",
               R"([look_up {"word":"x"}])"},
        Sample{"LlamaWithTag", bare(),
               R"(<|python_tag|>{"name": "look_up", "parameters": {"word": "x"}})",
               R"([look_up {"word":"x"}])"},
        Sample{"LlamaProse", bare(), "In C: { int x; } and {\"name\": 5} or {} too {",
               "In C: { int x; } and {\"name\": 5} or {} too {"},
        Sample{"LlamaManyBraces", bare(),
               "{{{{{{\"a\": {{{ {\"name\": {\"name\":", "{{{{{{\"a\": {{{ {\"name\": {\"name\":"},
        Sample{"LlamaBlankInAKey", bare(), R"({"name": "stop", " id": 1})", "[stop {}]"},
        Sample{"LlamaBrokenWord", bare(), R"({"name": "stop", "x": [1t> more)", "> more[stop {}]"},
        Sample{"LlamaAfterProse", bare(), "So: {\"x\"} {\"name\": \"stop\"}",
               "So: {\"x\"}[stop {}]"},
        Sample{
            "MistralArray", mistral_array(),
            R"([TOOL_CALLS][{"name": "look_up", "arguments": {"word": "x"}, "id": "abcdefghi"}, )"
            R"({"name": "stop", "arguments": {}, "id": "123456789"}])",
            R"([look_up {"word":"x"}][stop {}])"},
        Sample{"MistralArrayWithText", mistral_array(),
               "One [TOOL_CALLS] [{\"name\":\"stop\"}] two", "Onetwo[stop {}]"},
        Sample{
            "MistralNamed", mistral_named(),
            "[THINK]hm[/THINK]ok[TOOL_CALLS]look_up[ARGS]{\"word\": \"x\"}[TOOL_CALLS]stop[ARGS]{}",
            R"((hm)ok[look_up {"word":"x"}][stop {}])"},
        Sample{"MistralNamedWithId", mistral_named(),
               "[TOOL_CALLS]look_up[CALL_ID]abcdefghi[ARGS]{\"word\": \"x\"}",
               R"([look_up {"word":"x"}])"},
        Sample{"MistralNamedUnknown", mistral_named(), "[TOOL_CALLS]rm[ARGS]{}",
               "[TOOL_CALLS]rm[ARGS]{}"},
        Sample{"DeepSeek", deepseek(),
               "Hm.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>look_up\n"
               "```json\n{\"word\": \"ü\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function"
               "<｜tool▁sep｜>stop\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
               R"(Hm.[look_up {"word":"ü"}][stop {}])"},
        Sample{"Kimi", kimi(),
               "<|calls|><|call|>functions.look_up:0<|args|>{\"word\": \"x\"}<|/call|><|call|>"
               "functions.stop:1<|args|>{}<|/call|><|/calls|>",
               R"([look_up {"word":"x"}][stop {}])"},
        Sample{"KimiWithoutSection", kimi(), "<|call|>functions.stop:1<|args|>{}<|/call|>",
               "[stop {}]"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Parameters, Samples,
    testing::Values(
        Sample{"Qwen", qwen_xml(),
               "<tool_call>\n<function=look_up>\n<parameter=word>\na \"b\"\n\nc\n</parameter>\n"
               "<parameter=limit>\n 3 \n</parameter>\n</function>\n</tool_call>",
               R"([look_up {"word":"a \"b\"\n\nc","limit":3}])"},
        Sample{
            "QwenWithoutTag", qwen_xml(),
            "Ok <function=look_up>\n<parameter=word>\nx\n</parameter>\n</function>\n</tool_call>",
            R"(Ok[look_up {"word":"x"}])"},
        Sample{"QwenText", qwen_xml(), "#include <functional> <function=f>",
               "#include <functional> <function=f>"},
        Sample{"QwenNoParameters", qwen_xml(),
               "<tool_call>\n<function=stop>\n</function>\n</tool_call>\n", "[stop {}]"},
        Sample{"QwenUntyped", qwen_xml(),
               "<tool_call>\n<function=look_up>\n<parameter=any>\n[1, 2]\n</parameter>\n"
               "<parameter=other>\nplain\n</parameter>\n</function>\n</tool_call>",
               R"([look_up {"any":[1,2],"other":"plain"}])"},
        Sample{"QwenJsonThatIsNone", qwen_xml(),
               "<tool_call>\n<function=look_up>\n<parameter=limit>\nmany\n</parameter>\n"
               "</function>\n</tool_call>",
               R"([look_up {"limit":"many"}])"},
        Sample{"QwenCut", qwen_xml(),
               "<tool_call>\n<function=look_up>\n<parameter=word>\nab\n</par",
               R"([look_up {"word":"ab\n</par])"},
        Sample{"QwenTagsInAValue", qwen_xml(),
               "<tool_call>\n<function=look_up>\n<parameter=word>\n<b></function>\n</parameter>\n"
               "</function>\n</tool_call>",
               R"([look_up {"word":"<b></function>"}])"},
        Sample{"Glm", glm(),
               "<tool_call>look_up\n<arg_key>word</arg_key>\n<arg_value>x</arg_value>\n"
               "<arg_key>limit</arg_key><arg_value>3</arg_value>\n</tool_call>",
               R"([look_up {"word":"x","limit":3}])"},
        Sample{"GlmNoParameters", glm(), "<tool_call>stop</tool_call><tool_call>stop\n</tool_call>",
               "[stop {}][stop {}]"},
        Sample{
            "Dsml", dsml(),
            "<D:calls>\n<D:invoke name=\"look_up\">\n<D:parameter name=\"word\" string=\"true\">7"
            "</D:parameter>\n<D:parameter name=\"limit\" string=\"false\">7</D:parameter>\n"
            "</D:invoke>\n<D:invoke name=\"stop\">\n</D:invoke>\n</D:calls>",
            R"([look_up {"word":"7","limit":7}][stop {}])"}),
    name_of);

TEST(TagFormat, WithoutToolsLeavesCallsAlone) {
  const std::string text = "<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>";
  EXPECT_EQ(read({"", hermes(), text, ""}, {}), text);
  EXPECT_EQ(read({"", bare(), "{\"name\": \"stop\"}", ""}, {}), "{\"name\": \"stop\"}");
}

TEST(TagFormat, TakesTheMarkersOfContentAway) {
  AnswerSyntax syntax = hermes();
  syntax.content_begin = "<response>";
  syntax.content_end = "</response>";
  EXPECT_EQ(read({"", syntax, "<think>a</think><response> b</response>", ""}), "(a)b");
}

TEST(TagFormat, ShowsTextAsSoonAsItIsCertain) {
  const auto parser = tag_format(hermes(), two_tools(), {})->parser();
  EXPECT_EQ(parser->push("Hello").content, "Hello");
  EXPECT_EQ(parser->push(" wor").content, " wor");
  EXPECT_EQ(parser->push("ld <to").content, "ld");
  EXPECT_EQ(parser->push("ken>").content, " <token>");
}

TEST(TagFormat, ShowsThoughtsAsTheyCome) {
  const auto parser = tag_format(hermes(), two_tools(), {})->parser();
  EXPECT_TRUE(parser->push("<thi").empty());
  EXPECT_EQ(parser->push("nk>I won").reasoning, "I won");
  EXPECT_EQ(parser->push("der").reasoning, "der");
}

TEST(TagFormat, StreamsArguments) {
  const auto parser = tag_format(hermes(), two_tools(), {})->parser();
  const AnswerDelta first = parser->push("<tool_call>{\"name\": \"look_up\"");
  ASSERT_EQ(first.tool_calls.size(), 1U);
  EXPECT_EQ(first.tool_calls[0].name, "look_up");
  EXPECT_EQ(first.tool_calls[0].arguments, "");
  EXPECT_EQ(parser->push(", \"arguments\": {\"wo").tool_calls.at(0).arguments, "{\"wo");
  EXPECT_EQ(parser->push("rd\": \"long te").tool_calls.at(0).arguments, "rd\":\"long te");
  EXPECT_EQ(parser->push("xt\"}}").tool_calls.at(0).arguments, "xt\"}");
}

TEST(TagFormat, StreamsTextParameters) {
  const auto parser = tag_format(qwen_xml(), two_tools(), {})->parser();
  parser->push("<tool_call>\n<function=look_up>\n<parameter=word>\n");
  EXPECT_EQ(parser->push("long te").tool_calls.at(0).arguments, "long te");
}

TEST(TagFormat, GivesEveryCallAnIdOfItsOwn) {
  const auto format = tag_format(bare(), two_tools(), {});
  const ReadAnswer answer = read_in_pieces(*format, {R"({"name":"stop"}{"name":"stop"})"});
  ASSERT_EQ(answer.calls.size(), 2U);
  EXPECT_NE(answer.calls[0].id, answer.calls[1].id);
  for (const ToolCall& call : answer.calls) {
    EXPECT_THAT(call.id, testing::StartsWith("call_"));
    EXPECT_LE(call.id.size(), 40U);
  }
}

// Anything worse takes minutes here.
TEST(TagFormat, IsLinearInTheText) {
  const std::size_t size = 400'000;
  for (const std::string& unit :
       {std::string("{"), std::string("<tool_call>"), std::string("<tool"),
        std::string("{\"name\":"), std::string(" \n"), std::string("x")}) {
    const auto parser =
        tag_format(unit.starts_with('{') ? bare() : hermes(), two_tools(), {})->parser();
    std::string text;
    while (text.size() < size) text += unit;
    std::size_t shown = 0;
    for (std::size_t at = 0; at < text.size(); at += 5)
      shown += parser->push(std::string_view(text).substr(at, 5)).content.size();
    shown += parser->finish().content.size();
    // What was certain to become a call is dropped when nothing comes of it.
    EXPECT_GE(shown + unit.size(), text.size()) << unit;
  }
}

}  // namespace
}  // namespace shimmy::chat
