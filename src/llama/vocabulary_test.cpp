#include "llama/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "llama/model.h"
#include "llama/shared_model_fixture.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::llama {
namespace {

using testing::ElementsAre;

const Vocabulary& vocabulary() { return shared_model()->vocabulary(); }

std::vector<Token> tokens_of(std::string_view text, ParseSpecial special = ParseSpecial::No) {
  return vocabulary().tokenize(text, AddSpecial::No, special).value();
}

std::string text_of(std::span<const Token> tokens, bool show_special = false) {
  std::string text;
  for (const Token token : tokens) text += vocabulary().piece(token, show_special);
  return text;
}

class RoundTrip : public testing::TestWithParam<std::string> {};

TEST_P(RoundTrip, GivesTheTextBack) { EXPECT_EQ(text_of(tokens_of(GetParam())), GetParam()); }

INSTANTIATE_TEST_SUITE_P(Texts, RoundTrip,
                         testing::Values("Hello world", " leading and trailing ",
                                         "tabs\tand\nlines\r\n\n\n", "Grüße, señor: 你好 мир",
                                         "👩‍👩‍👧 🎉🏳️‍🌈",
                                         "1234567890 3.14 0x1F", "", "\x01\x02 control",
                                         std::string("nul\0inside", 10)));

TEST(Vocabulary, MergesCommonWords) {
  const std::vector<Token> tokens = tokens_of("Hello the world");
  EXPECT_EQ(tokens.size(), 3U);
  EXPECT_EQ(vocabulary().piece(tokens.at(1)), " the");
  EXPECT_EQ(vocabulary().text(tokens.at(1)), "\xC4\xA0the");
}

TEST(Vocabulary, TakesInvalidUtf8WithoutFailing) {
  EXPECT_TRUE(vocabulary().tokenize("\xFF\xC0\x80 \xE2\x82", AddSpecial::No, ParseSpecial::No));
}

TEST(Vocabulary, ReadsSpecialTokensOnlyWhenTold) {
  const support::TinyVocabulary& tiny = support::tiny_vocabulary();
  EXPECT_THAT(tokens_of("<|im_end|>", ParseSpecial::Yes), ElementsAre(tiny.message_end));
  const std::vector<Token> plain = tokens_of("<|im_end|>");
  EXPECT_GT(plain.size(), 1U);
  EXPECT_EQ(text_of(plain), "<|im_end|>");
}

TEST(Vocabulary, HidesSpecialTokensUnlessShown) {
  const Token end = support::tiny_vocabulary().message_end;
  EXPECT_EQ(vocabulary().piece(end), "");
  EXPECT_EQ(vocabulary().piece(end, /*show_special=*/true), "<|im_end|>");
}

TEST(Vocabulary, KnowsItsMarks) {
  const support::TinyVocabulary& tiny = support::tiny_vocabulary();
  EXPECT_EQ(vocabulary().bos(), tiny.end_of_text);
  EXPECT_EQ(vocabulary().eos(), tiny.message_end);
  EXPECT_EQ(vocabulary().size(), tiny.tokens.size());
}

TEST(Vocabulary, ListsEveryTokenThatEndsAGeneration) {
  const support::TinyVocabulary& tiny = support::tiny_vocabulary();
  EXPECT_THAT(vocabulary().end_tokens(), testing::Contains(tiny.message_end));
  EXPECT_THAT(vocabulary().end_tokens(), testing::Contains(tiny.end_of_text));
  for (const Token token : vocabulary().end_tokens()) {
    EXPECT_TRUE(vocabulary().is_end_of_generation(token));
  }
  EXPECT_FALSE(vocabulary().is_end_of_generation(0));
}

TEST(Vocabulary, AnswersIdsThatAreNoTokens) {
  const auto size = static_cast<Token>(vocabulary().size());
  for (const Token token : {-1, -2, size, size + 1, std::numeric_limits<Token>::max(),
                            std::numeric_limits<Token>::min()}) {
    EXPECT_EQ(vocabulary().piece(token, true), "");
    EXPECT_EQ(vocabulary().text(token), "");
    EXPECT_FALSE(vocabulary().is_end_of_generation(token));
    EXPECT_FALSE(vocabulary().contains(token));
  }
}

TEST(Vocabulary, TokenizesAMegabyteWithoutASpace) {
  const std::string letters(1 << 20, 'a');
  EXPECT_EQ(text_of(tokens_of(letters)), letters);
}

TEST(Vocabulary, TokenizesManySpacesAndDigits) {
  const std::string spaces(200'000, ' ');
  EXPECT_EQ(text_of(tokens_of(spaces)), spaces);
  const std::string digits(200'000, '7');
  EXPECT_EQ(text_of(tokens_of(digits)), digits);
}

TEST(Vocabulary, RefusesATextOfMoreThanAGigabyte) {
  // The bytes are never read: they are refused by their number.
  const std::string_view huge("", (std::size_t{1} << 30) + 1);
  const auto tokens = vocabulary().tokenize(huge, AddSpecial::No, ParseSpecial::No);
  ASSERT_FALSE(tokens.has_value());
  EXPECT_EQ(tokens.error().code, base::ErrorCode::InvalidRequest);
}

TEST(Vocabulary, ServesSeveralThreadsAtOnce) {
  std::vector<std::jthread> threads;
  std::array<std::string, 4> texts;
  for (std::string& text : texts) {
    threads.emplace_back([&text] {
      for (int round = 0; round < 50; ++round) text = text_of(tokens_of("Hello the world 👋"));
    });
  }
  threads.clear();
  EXPECT_THAT(texts, testing::Each("Hello the world 👋"));
}

TEST(Vocabulary, KnowsTheTokensToFillInWith) {
  const support::TempDir directory;
  const auto model = Model::load(
      support::write_tiny_model(directory.path(), {.name = "infill", .infill = true}), {});
  ASSERT_TRUE(model) << model.error().message;
  const auto marks = (*model)->vocabulary().infill_marks();
  ASSERT_TRUE(marks);
  EXPECT_EQ(marks->prefix, 1);
  EXPECT_EQ(marks->suffix, 2);
  EXPECT_EQ(marks->middle, 3);
  EXPECT_FALSE(shared_model()->vocabulary().infill_marks());
}

}  // namespace
}  // namespace shimmy::llama
