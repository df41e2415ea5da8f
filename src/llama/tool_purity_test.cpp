#include "llama/tool_purity.h"

#include <gtest/gtest.h>
#include <jinja/lexer.h>
#include <jinja/parser.h>

namespace shimmy::llama {
namespace {

jinja::program parse(const std::string& text) {
  jinja::lexer lexer;
  auto tokens = lexer.tokenize(text);
  return jinja::parse_from_tokens(tokens);
}

// Of the last part of the template.
bool is_pure(const std::string& text) {
  const jinja::program program = parse(text);
  return ToolPurity(program).depends_on_tools_alone(*program.body.back());
}

TEST(ToolPurity, HoldsForWhatIsMadeOfTools) {
  EXPECT_TRUE(
      is_pure("{% for t in tools %}{{ loop.index }}{{ t | tojson(indent=4) }}{% endfor %}"));
  EXPECT_TRUE(is_pure("{{ tools | tojson }}"));
  EXPECT_TRUE(
      is_pure("{% if tools is defined and tools|length > 0 %}[{{ tools[0].name }}]{% endif %}"));
  EXPECT_TRUE(
      is_pure("{% for t in tools if t.type == 'function' %}{{ t.function.name }}{% endfor %}"));
  EXPECT_TRUE(
      is_pure("{% for t in tools %}{% for k, v in t.items() %}{{ k ~ ': ' ~ v }}{% endfor %}"
              "{% endfor %}"));
}

TEST(ToolPurity, FailsWithoutTools) {
  EXPECT_FALSE(is_pure("{% for i in range(3) %}{{ i }}{% endfor %}"));
  EXPECT_FALSE(is_pure("{{ 'text' }}"));
}

TEST(ToolPurity, FailsForWhatElseIsRead) {
  EXPECT_FALSE(is_pure("{% for t in tools %}{{ messages[0].content }}{% endfor %}"));
  EXPECT_FALSE(is_pure("{% for t in tools %}{{ strftime_now('%d') }}{% endfor %}"));
  EXPECT_FALSE(is_pure("{% if tools and add_generation_prompt %}x{% endif %}"));
  EXPECT_FALSE(is_pure("{% for t in tools if bos_token %}x{% endfor %}"));
  EXPECT_FALSE(is_pure("{{ tools | tojson(indent=messages|length) }}"));
  EXPECT_FALSE(is_pure("{% for t in tools %}{{ {'a': messages} }}{{ [messages] }}{% endfor %}"));
  EXPECT_FALSE(is_pure("{{ tools[n] }}"));
}

TEST(ToolPurity, KnowsVariablesThatAreMadeWithin) {
  EXPECT_TRUE(is_pure("{% for t in tools %}{% set f = t.function %}{{ f.name }}{% endfor %}"));
  EXPECT_TRUE(
      is_pure("{% for t in tools %}{% set n = namespace(a=0) %}{% set n.a = 1 %}{{ n.a }}"
              "{% endfor %}"));
  EXPECT_FALSE(is_pure("{% for t in tools %}{{ f }}{% set f = t %}{% endfor %}"))
      << "read too soon";
  EXPECT_FALSE(
      is_pure("{% for t in tools %}{% if t.a %}{% set f = 1 %}{% endif %}{{ f }}{% endfor %}"))
      << "perhaps not set";
}

TEST(ToolPurity, FailsForWhatStaysBehind) {
  EXPECT_FALSE(
      is_pure("{% set n = namespace(a=0) %}{% for t in tools %}{% set n.a = n.a + 1 %}"
              "{% endfor %}"));
  EXPECT_FALSE(is_pure("{% if tools %}{% set has_tools = true %}{% endif %}"));
  EXPECT_FALSE(is_pure("{% set x = tools %}"));
}

TEST(ToolPurity, LooksIntoMacros) {
  const std::string show =
      "{% macro show(t, depth=0) %}{{ t.name }}{% for c in t.parts %}"
      "{{ show(c, depth + 1) }}{% endfor %}{% endmacro %}";
  EXPECT_TRUE(is_pure(show + "{{ show(tools[0]) }}"));
  EXPECT_TRUE(is_pure(show + "{% for t in tools %}{{ show(t) }}{% endfor %}"));
  EXPECT_FALSE(is_pure(show + "{{ show(messages[0]) ~ tools[0] }}"));
  EXPECT_FALSE(is_pure("{% macro show(t) %}{{ t ~ messages }}{% endmacro %}{{ show(tools) }}"))
      << "macros see their caller's variables";
  EXPECT_FALSE(is_pure("{% if a %}{% macro show(t) %}x{% endmacro %}{% endif %}{{ show(tools) }}"))
      << "which macro it is depends on something else";
  EXPECT_FALSE(is_pure(show + show + "{{ show(tools[0]) }}")) << "defined twice";
}

TEST(ToolPurity, FailsWhereverATemplateMayChangeTheTools) {
  const std::string loop = "{% for t in tools %}{{ t.name }}{% endfor %}";
  EXPECT_TRUE(is_pure("{{ messages | length }}" + loop));
  EXPECT_FALSE(is_pure("{{ tools.append(1) }}" + loop));
  EXPECT_FALSE(is_pure("{% if x %}{{ messages[0].update({}) }}{% endif %}" + loop));
  EXPECT_FALSE(is_pure("{% for t in tools %}{% set t.name = 'x' %}{% endfor %}" + loop));
}

TEST(ToolPurity, GivesUpOnMacrosThatCallEachOtherTooOften) {
  std::string text = "{% macro m0(t) %}{{ t }}{% endmacro %}";
  for (int i = 1; i <= 30; ++i) {
    const std::string inner = "{{ m" + std::to_string(i - 1) + "(t) }}";
    text += "{% macro m" + std::to_string(i) + "(t) %}" + inner + inner + "{% endmacro %}";
  }
  EXPECT_FALSE(is_pure(text + "{{ m30(tools) }}"));
}

}  // namespace
}  // namespace shimmy::llama
