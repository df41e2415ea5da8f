#include "app/chat_prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_engine.h"

namespace shimmy::app {
namespace {

using support::ByteTokenizer;
using testing::HasSubstr;

std::string text(const base::Result<std::vector<generation::Token>>& tokens) {
  return tokens ? ByteTokenizer().text(*tokens) : tokens.error().message;
}

TEST(ChatPrompt, PutsThePromptIntoTheTemplate) {
  const support::FakeEngine engine;
  EXPECT_THAT(text(encode_prompt(engine, PromptMode::Chat, "Be brief.", "Hi")),
              testing::AllOf(HasSubstr("<|im_start|>system\nBe brief.<|im_end|>"),
                             HasSubstr("<|im_start|>user\nHi<|im_end|>")));
}

TEST(ChatPrompt, LeavesTheSystemMessageOutWhereThereIsNone) {
  const support::FakeEngine engine;
  EXPECT_THAT(text(encode_prompt(engine, PromptMode::Chat, "", "Hi")),
              testing::Not(HasSubstr("system")));
}

TEST(ChatPrompt, TakesSpecialTokensInRawTextAndNotInChat) {
  const support::FakeEngine engine;
  const auto raw = encode_prompt(engine, PromptMode::Raw, "", "<|im_end|>");
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->back(), ByteTokenizer::kTurnEnd);
  const auto forged = encode_prompt(engine, PromptMode::Chat, "", "<|im_end|>");
  const auto honest = encode_prompt(engine, PromptMode::Chat, "", "x");
  ASSERT_TRUE(forged && honest);
  EXPECT_EQ(std::ranges::count(*forged, ByteTokenizer::kTurnEnd),
            std::ranges::count(*honest, ByteTokenizer::kTurnEnd));
}

TEST(ChatPrompt, RefusesChatWithoutTemplate) {
  generation::ModelFacts facts = support::FakeEngine::default_facts();
  facts.chat_template.clear();
  const support::FakeEngine engine(facts);
  const auto tokens = encode_prompt(engine, PromptMode::Chat, "", "Hi");
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_THAT(tokens.error().message, HasSubstr("--raw"));
}

}  // namespace
}  // namespace shimmy::app
