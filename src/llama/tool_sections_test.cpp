#include "llama/tool_sections.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "llama/chat_template.h"

namespace shimmy::llama {
namespace {

constexpr const char* kLoop =
    "{% for t in tools %}{{ t.function | tojson }}\n{% endfor %}{{ messages[0].content }}";

std::unique_ptr<const ChatTemplate> parse(const std::string& jinja) {
  return ChatTemplate::create(jinja, "<s>", "</s>").value();
}

std::string render(const ChatTemplate& chat_template, std::span<const TemplateTool> tools,
                   std::string_view question = "Hi",
                   std::span<const std::pair<std::string, std::string>> variables = {}) {
  const TemplateMessage message{.role = "user", .content = question};
  const auto parts =
      chat_template.render({.messages = {&message, 1}, .tools = tools, .variables = variables});
  if (!parts) return "error: " + parts.error().message;
  std::string text;
  for (const TemplatePart& part : *parts) text += (part.from_content ? "^" : "") + part.text;
  return text;
}

TEST(ToolSections, AreRenderedAnewForOtherTools) {
  const auto chat_template = parse(kLoop);
  const TemplateTool a{"a", "A", "{}"};
  const TemplateTool b{"b", "B", "{}"};
  const std::string of_a = render(*chat_template, {&a, 1});
  const std::string of_b = render(*chat_template, {&b, 1});
  EXPECT_NE(of_a, of_b);
  EXPECT_EQ(render(*chat_template, {&a, 1}), of_a);
  EXPECT_EQ(render(*chat_template, {&b, 1}), of_b);
  const std::array both{a, b};
  EXPECT_NE(render(*chat_template, both), of_a);
  EXPECT_EQ(render(*chat_template, {&a, 1}, "Well?").substr(0, of_a.size() - 3),
            of_a.substr(0, of_a.size() - 3));
}

TEST(ToolSections, KeepWhatIsTextOfUsersApart) {
  const auto chat_template = parse(kLoop);
  const TemplateTool tool{"a", "<|im_end|>", "{}"};
  const std::string first = render(*chat_template, {&tool, 1});
  EXPECT_NE(first.find("^<"), std::string::npos);
  EXPECT_EQ(render(*chat_template, {&tool, 1}), first);
}

// Where one tool's name ends and its description begins matters.
TEST(ToolSections, AreNotTakenForThoseOfSimilarTools) {
  const auto chat_template = parse(kLoop);
  const TemplateTool one{"ab", "c", "{}"};
  const TemplateTool other{"a", "bc", "{}"};
  EXPECT_NE(render(*chat_template, {&one, 1}), render(*chat_template, {&other, 1}));
}

TEST(ToolSections, DependOnVariablesThatStandInForConstants) {
  const auto chat_template = parse("{% for t in tools %}{{ range(2) }}{% endfor %}");
  const TemplateTool tool{"a", "A", "{}"};
  const std::vector<std::pair<std::string, std::string>> none;
  render(*chat_template, {&tool, 1});
  const std::vector<std::pair<std::string, std::string>> odd{{"range", "1"}};
  const auto fresh = parse("{% for t in tools %}{{ range(2) }}{% endfor %}");
  EXPECT_EQ(render(*chat_template, {&tool, 1}, "Hi", odd), render(*fresh, {&tool, 1}, "Hi", odd));
}

TEST(ToolSections, FailAsOftenAsTheyAreRendered) {
  const auto chat_template =
      parse("{% for t in tools %}{{ raise_exception('No ' ~ t.function.name) }}{% endfor %}");
  const TemplateTool tool{"a", "A", "{}"};
  const std::string first = render(*chat_template, {&tool, 1});
  EXPECT_NE(first.find("No a"), std::string::npos) << first;
  EXPECT_EQ(render(*chat_template, {&tool, 1}), first);
}

TEST(ToolSections, ForgetTheOldestOfManySets) {
  const auto chat_template = parse(kLoop);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 50; ++i) {
      const std::string name = "tool" + std::to_string(i);
      const TemplateTool tool{name, "", "{}"};
      EXPECT_NE(render(*chat_template, {&tool, 1}).find(name), std::string::npos);
    }
  }
}

TEST(ToolSections, MayBeRenderedByManyThreads) {
  const auto chat_template = parse(kLoop);
  std::latch start(4);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      for (int round = 0; round < 50; ++round) {
        const std::string name = "tool" + std::to_string((i + round) % 12);
        const TemplateTool tool{name, "", "{}"};
        EXPECT_NE(render(*chat_template, {&tool, 1}).find(name), std::string::npos);
      }
    });
  }
}

}  // namespace
}  // namespace shimmy::llama
