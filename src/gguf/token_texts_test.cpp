#include "gguf/token_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

#include "support/gguf_writer.h"

namespace shimmy::gguf {
namespace {

using namespace std::string_view_literals;
using Texts = std::vector<std::string_view>;

TEST(TokenTexts, EndsEachTextAtItsFirstNul) {
  const std::string bytes = support::gguf_string("ab\0c"sv) + support::gguf_string("d");
  const Array array{ValueType::String, 2, std::as_bytes(std::span(bytes))};
  EXPECT_THAT(token_texts(array), testing::ElementsAre("ab", "d"));
}

TEST(TokenTexts, FindsNoDuplicateAmongDifferentTexts) {
  EXPECT_FALSE(find_duplicate({}));
  EXPECT_FALSE(find_duplicate(Texts{"a", "b", "ab", "A"}));
}

TEST(TokenTexts, FindsTheFirstPairThatIsEqual) {
  EXPECT_EQ(find_duplicate(Texts{"x", "a", "b", "a", "x"}), std::pair(1U, 3U));
}

TEST(TokenTexts, TakesEmptyTextsForDifferentOnes) {
  EXPECT_FALSE(find_duplicate(Texts{"", "", ""}));
}

TEST(TokenTexts, FindsATextThatIsTheStandInOfAnEmptyOne) {
  EXPECT_EQ(find_duplicate(Texts{"", "[EMPTY_0]"}), std::pair(0U, 1U));
  EXPECT_EQ(find_duplicate(Texts{"[EMPTY_1]", ""}), std::pair(0U, 1U));
}

TEST(TokenTexts, TakesOtherTextsOfThatLookForTheirOwn) {
  EXPECT_FALSE(find_duplicate(Texts{"", "[EMPTY_1]", "[EMPTY_00]", "[EMPTY_]", "[EMPTY_9]",
                                    "[EMPTY_99999999999999999999]", "[EMPTY_-1]"}));
}

TEST(TokenTexts, FindsADuplicateAmongMany) {
  std::vector<std::string> owned;
  for (int i = 0; i < 20000; ++i) owned.push_back("t" + std::to_string(i));
  owned.emplace_back("t12345");
  EXPECT_EQ(find_duplicate(Texts(owned.begin(), owned.end())), std::pair(12345U, 20000U));
}

}  // namespace
}  // namespace shimmy::gguf
