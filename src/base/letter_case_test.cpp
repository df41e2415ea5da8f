#include "base/letter_case.h"

#include <gtest/gtest.h>

namespace shimmy::base {
namespace {

TEST(LetterCase, DoesNotCountInAsciiLetters) {
  EXPECT_TRUE(equal_ignoring_case("Qwen3:0.6B", "qwen3:0.6b"));
  EXPECT_TRUE(equal_ignoring_case("", ""));
  EXPECT_FALSE(equal_ignoring_case("a", "b"));
  EXPECT_FALSE(equal_ignoring_case("a", "aa"));
  EXPECT_FALSE(equal_ignoring_case("[", "{")) << "other signs lie as far apart as letters do";
  EXPECT_FALSE(equal_ignoring_case("\xC3\x84", "\xC3\xA4")) << "letters beyond ASCII";
}

TEST(LetterCase, LowersAsciiLettersOnly) {
  EXPECT_EQ(lowered("AZaz09[]-\xC3\x84"), "azaz09[]-\xC3\x84");
  EXPECT_EQ(lower('@'), '@');
}

}  // namespace
}  // namespace shimmy::base
