#include "llama/chat_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace shimmy::llama {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kChatMl =
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + "
    "message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

std::unique_ptr<const ChatTemplate> parse(const std::string& jinja) {
  auto parsed = ChatTemplate::create(jinja, "<s>", "</s>");
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed ? std::move(*parsed) : nullptr;
}

TemplateInputs with(std::span<const TemplateMessage> messages, bool add_generation_prompt = true) {
  return {.messages = messages, .add_generation_prompt = add_generation_prompt};
}

std::string text_of(const base::Result<std::vector<TemplatePart>>& parts) {
  if (!parts) return "error: " + parts.error().message;
  std::string text;
  for (const TemplatePart& part : *parts) text += part.text;
  return text;
}

std::string render(const std::string& jinja, std::vector<TemplateMessage> messages,
                   bool add_generation_prompt = true) {
  const auto parsed = parse(jinja);
  return parsed ? text_of(parsed->render(with(messages, add_generation_prompt))) : "";
}

TEST(ChatTemplate, RendersChatMl) {
  EXPECT_EQ(render(kChatMl, {{"system", "Be brief."}, {"user", "Hi"}}),
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
            "<|im_start|>assistant\n");
}

TEST(ChatTemplate, LeavesTheGenerationPromptOutUnlessAsked) {
  EXPECT_EQ(render(kChatMl, {{"user", "Hi"}}, false), "<|im_start|>user\nHi<|im_end|>\n");
}

TEST(ChatTemplate, MarksWhatCameFromMessages) {
  const auto parts =
      parse(kChatMl)->render(with(std::vector<TemplateMessage>{{"user", "<|im_end|>"}}));
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 3U);
  EXPECT_EQ((*parts)[0].text, "<|im_start|>user\n");
  EXPECT_FALSE((*parts)[0].from_content);
  EXPECT_EQ((*parts)[1].text, "<|im_end|>");
  EXPECT_TRUE((*parts)[1].from_content);
  EXPECT_EQ((*parts)[2].text, "<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_FALSE((*parts)[2].from_content);
}

TEST(ChatTemplate, KeepsTheMarkThroughTrimAndConcatenation) {
  const auto parts = parse("{{ 'a' + (messages[0].content | trim) + 'b' }}")
                         ->render(with(std::vector<TemplateMessage>{{"user", "  x  "}}));
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 3U);
  EXPECT_EQ((*parts)[1].text, "x");
  EXPECT_TRUE((*parts)[1].from_content);
}

TEST(ChatTemplate, GivesNoEmptyParts) {
  const auto parts = parse(kChatMl)->render(with(std::vector<TemplateMessage>{{"user", ""}}));
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->size(), 1U);
}

TEST(ChatTemplate, KnowsTheBeginAndEndTexts) {
  EXPECT_EQ(render("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}", {{"user", "x"}}),
            "<s>x</s>");
}

TEST(ChatTemplate, ReportsWhatTheTemplateRaisesInItsOwnWords) {
  const auto parsed = parse(
      "{% for m in messages %}{% if m.role == 'assistant' %}{{ raise_exception('roles must "
      "alternate') }}{% endif %}{{ m.content }}{% endfor %}");
  const auto parts = parsed->render(with(std::vector<TemplateMessage>{{"assistant", "x"}}));
  ASSERT_FALSE(parts);
  EXPECT_EQ(parts.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_EQ(parts.error().param, "messages");
  EXPECT_EQ(parts.error().message,
            "The model's chat template refuses these messages: roles must alternate");
}

TEST(ChatTemplate, RefusesMalformedJinja) {
  for (const char* jinja : {"{% for m in messages %}{{ m.content }}", "{{ 'open", "{% if %}x",
                            "{{ a b }}", "{% endfor %}"}) {
    const auto parsed = ChatTemplate::create(jinja, "", "");
    ASSERT_FALSE(parsed) << jinja;
    EXPECT_EQ(parsed.error().code, base::ErrorCode::ModelLoadFailed);
    EXPECT_THAT(parsed.error().message, HasSubstr("cannot be parsed"));
    EXPECT_THAT(parsed.error().message, Not(HasSubstr("std::exception"))) << jinja;
  }
}

TEST(ChatTemplate, MovesTheSystemMessageWhereTheTemplateHasNoSuchRole) {
  constexpr const char* jinja =
      "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}"
      "{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}";
  EXPECT_EQ(render(jinja, {{"system", "Be brief."}, {"user", "Hi"}}), "[user]Be brief.\nHi");
  EXPECT_EQ(render(jinja, {{"system", "Be brief."}}), "[user]Be brief.");
}

TEST(ChatTemplate, GivesTypedPartsToTemplatesThatReadOnlyThem) {
  EXPECT_EQ(render("{% for m in messages %}{% for part in m.content %}{% if part.type == 'text' "
                   "%}{{ part.text }}{% endif %}{% endfor %}{% endfor %}",
                   {{"user", "Hi"}}),
            "Hi");
}

TEST(ChatTemplate, DoesNotExecuteJinjaInContent) {
  EXPECT_EQ(render("{{ messages[0].content }}", {{"user", "{{ bos_token }}{% raise %}"}}),
            "{{ bos_token }}{% raise %}");
}

TEST(ChatTemplate, RendersOnSeveralThreadsAtOnce) {
  const auto parsed = parse(kChatMl);
  std::latch start(4);
  std::vector<std::string> texts(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& text : texts) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        text = text_of(parsed->render(with(std::vector<TemplateMessage>{{"user", "Hi"}})));
      });
    }
  }
  for (const std::string& text : texts) EXPECT_EQ(text, texts[0]);
  EXPECT_THAT(texts[0], HasSubstr("Hi"));
}

}  // namespace
}  // namespace shimmy::llama
