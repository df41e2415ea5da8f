#include "chat/chat_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::chat {
namespace {

using testing::HasSubstr;

generation::ModelFacts facts(std::string jinja) {
  generation::ModelFacts facts;
  facts.chat_template = std::move(jinja);
  facts.bos_text = "<s>";
  facts.eos_text = "</s>";
  return facts;
}

constexpr const char* kTagged = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";

std::string render(std::string jinja, std::vector<Message> messages) {
  const auto created = ChatTemplate::create(facts(std::move(jinja)));
  if (!created) return "error: " + created.error().message;
  const auto prepared = (*created)->prepare({.messages = std::move(messages)});
  return prepared ? prepared->text() : "error: " + prepared.error().message;
}

TEST(ModelChatTemplate, RendersTheConversationInOrder) {
  EXPECT_EQ(render(kTagged, {{"system", "s"}, {"user", "a"}, {"assistant", "b"}, {"user", "c"}}),
            "[system]s[user]a[assistant]b[user]c");
}

TEST(ModelChatTemplate, JoinsSystemMessagesAtTheStart) {
  EXPECT_EQ(render(kTagged, {{"system", "one"}, {"system", "two"}, {"user", "a"}}),
            "[system]one\n\ntwo[user]a");
}

TEST(ModelChatTemplate, KeepsALaterSystemMessageInItsPlace) {
  EXPECT_EQ(render(kTagged, {{"user", "a"}, {"system", "s"}}), "[user]a[system]s");
}

TEST(ModelChatTemplate, KnowsTheModelsSpecialTexts) {
  EXPECT_EQ(render("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}", {{"user", "x"}}),
            "<s>x</s>");
}

TEST(ModelChatTemplate, AsksForTheAnswer) {
  EXPECT_EQ(render("{% if add_generation_prompt %}yes{% endif %}", {{"user", "x"}}), "yes");
}

TEST(ModelChatTemplate, PassesOnWhatTheTemplateRaises) {
  const auto created = ChatTemplate::create(
      facts("{% for m in messages %}{% if m.role != 'user' and m.role != 'system' %}"
            "{{ raise_exception('only users may speak') }}{% endif %}{{ m.content }}{% endfor %}"));
  ASSERT_TRUE(created);
  const auto text = (*created)->prepare({.messages = {{"assistant", "x"}}});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_EQ(text.error().param, "messages");
  EXPECT_THAT(text.error().message, HasSubstr("only users may speak"));
}

TEST(ModelChatTemplate, RefusesMalformedJinja) {
  const auto created = ChatTemplate::create(facts("{% for %}"));
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, base::ErrorCode::ModelLoadFailed);
}

TEST(ModelChatTemplate, TellsWhereTextCameFrom) {
  const auto created = ChatTemplate::create(facts(kTagged));
  const auto prepared = (*created)->prepare({.messages = {{"user", "hi"}}});
  ASSERT_TRUE(prepared);
  ASSERT_EQ(prepared->parts.size(), 2U);
  EXPECT_EQ(prepared->parts[0].text, "[user]");
  EXPECT_FALSE(prepared->parts[0].from_message);
  EXPECT_EQ(prepared->parts[1].text, "hi");
  EXPECT_TRUE(prepared->parts[1].from_message);
}

}  // namespace
}  // namespace shimmy::chat
