#include "llama/render_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "llama/chat_template.h"

namespace shimmy::llama {
namespace {

using testing::HasSubstr;

// What becomes of a template, be it refused at once or when it is rendered.
std::string outcome(const std::string& jinja, std::size_t messages = 1) {
  const auto parsed = ChatTemplate::create(jinja, "<s>", "</s>");
  if (!parsed) return "refused: " + parsed.error().message;
  const std::vector<TemplateMessage> conversation(messages, {.role = "user", .content = "Hi"});
  const auto parts = (*parsed)->render({.messages = conversation});
  if (!parts) return "failed: " + parts.error().message;
  std::string text;
  for (const TemplatePart& part : *parts) text += part.text;
  return text;
}

TEST(RenderLimits, LeaveOrdinaryTemplatesAlone) {
  EXPECT_EQ(outcome("{% macro m(n) %}{% if n > 0 %}{{ n }}{{ m(n - 1) }}{% endif %}{% endmacro %}"
                    "{% set x = 'a' %}{% for i in range(3) %}{{ x }}{% endfor %}{{ m(20) }}"),
            "aaa2019181716151413121110987654321");
  EXPECT_EQ(outcome("{% for m in messages %}{{ m.content }}{% endfor %}", 5000).size(), 10000U);
}

TEST(RenderLimits, EndLoopsInLoops) {
  const std::string loops =
      "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}";
  EXPECT_THAT(outcome(loops), HasSubstr("too much time or memory"));
  // Only where it was not tried out.
  EXPECT_THAT(outcome("{% if messages|length > 40 %}" + loops + "{% endif %}", 50),
              HasSubstr("more than 50000 steps"));
}

TEST(RenderLimits, EndMacrosThatCallThemselves) {
  const std::string forever = "{% macro m() %}{{ m() }}{% endmacro %}";
  EXPECT_THAT(outcome(forever + "{{ m() }}"), HasSubstr("too much time or memory"));
  EXPECT_THAT(outcome("{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}"
                      "{{ a() }}"),
              HasSubstr("too much time or memory"));
  EXPECT_THAT(outcome("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}"),
              HasSubstr("too much time or memory"));
}

TEST(RenderLimits, EndMacrosThatCallThemselvesTwice) {
  EXPECT_THAT(outcome("{% macro m(n) %}{% if n > 0 %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}"
                      "{% endmacro %}{{ m(60) }}"),
              HasSubstr("too much time or memory"));
}

TEST(RenderLimits, EndRangesThatFillTheMemory) {
  EXPECT_THAT(outcome("{{ range(1000000000) | length }}"), HasSubstr("too much time or memory"));
  EXPECT_THAT(outcome("{{ range(0, -1000000000, -1) | length }}"),
              HasSubstr("too much time or memory"));
  EXPECT_EQ(outcome("{{ range(10000) | length }}"), "10000");
}

TEST(RenderLimits, EndVariablesThatDouble) {
  EXPECT_THAT(outcome("{% set n = namespace(s='ab') %}{% for i in range(60) %}"
                      "{% set n.s = n.s + n.s %}{% endfor %}"),
              HasSubstr("too much time or memory"));
  EXPECT_THAT(outcome("{% set n = namespace(l=[1, 2]) %}{% for i in range(60) %}"
                      "{% set n.l = n.l + n.l %}{% endfor %}"),
              HasSubstr("too much time or memory"));
}

// What was not tried out, as it needs a long conversation, fails when it comes.
TEST(RenderLimits, HoldForEachRender) {
  const auto later = [](const std::string& jinja) {
    return outcome(
        "{% macro m() %}{{ m() }}{% endmacro %}{% set n = namespace(s='ab') %}"
        "{% if messages|length > 40 %}" +
            jinja + "{% endif %}",
        50);
  };
  EXPECT_THAT(later("{{ m() }}"), HasSubstr("100 deep"));
  EXPECT_THAT(later("{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}"),
              HasSubstr("grows too large"));
}

TEST(RenderLimits, StartAnewWithEachRender) {
  const auto parsed = ChatTemplate::create(
      "{% for a in range(5) %}{% for b in range(200) %}{% endfor %}{% endfor %}x", "", "");
  ASSERT_TRUE(parsed) << parsed.error().message;
  const TemplateMessage message{.role = "user", .content = "Hi"};
  for (int i = 0; i < 3; ++i) {
    const auto parts = (*parsed)->render({.messages = {&message, 1}});
    ASSERT_TRUE(parts) << parts.error().message;
    EXPECT_EQ(parts->front().text, "x");
  }
}

}  // namespace
}  // namespace shimmy::llama
