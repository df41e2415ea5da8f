#include "cli/text_width.h"

#include <gtest/gtest.h>

namespace shimmy::cli {
namespace {

TEST(TextWidth, CountsCharacters) {
  EXPECT_EQ(columns("a…é"), 3U);
  EXPECT_EQ(columns(""), 0U);
}

TEST(TextWidth, KnowsWideCharactersAndMarksWithoutWidth) {
  EXPECT_EQ(columns("日本"), 4U);
  EXPECT_EQ(columns("🦐"), 2U);
  EXPECT_EQ(columns("e\u0301"), 1U);
  EXPECT_EQ(columns("한국"), 4U);
  EXPECT_EQ(columns("\u200b"), 0U);
}

TEST(TextWidth, CountsBytesThatAreNoCharacter) {
  EXPECT_EQ(columns("a\xff"
                    "b"),
            3U);
  EXPECT_EQ(columns("\xc3"), 1U);
}

TEST(TextWidth, CutsNoWideCharacterInTwo) {
  EXPECT_EQ(elide("日本語", 5), "日本…");
  EXPECT_EQ(elide("日本語", 4), "日…");
  EXPECT_EQ(elide("日本語", 2), "…");
}

TEST(TextWidth, NeverCutsInsideCharacter) {
  EXPECT_EQ(elide("ééééé", 3), "éé…");
  EXPECT_EQ(elide("ééé", 3), "ééé");
  EXPECT_EQ(elide("abc", 1), "…");
  EXPECT_EQ(elide("abc", 0), "");
}

}  // namespace
}  // namespace shimmy::cli
