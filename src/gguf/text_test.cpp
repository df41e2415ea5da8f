#include "gguf/text.h"

#include <gtest/gtest.h>

namespace shimmy::gguf {
namespace {

TEST(Text, IsPlainWhenItIsUtf8WithoutControls) {
  EXPECT_TRUE(is_plain(""));
  EXPECT_TRUE(is_plain("blk.0.attn_q.weight"));
  EXPECT_TRUE(is_plain("Größe 漢字 😀"));
  EXPECT_TRUE(is_plain("\xc2\xa0"));
}

TEST(Text, IsNotPlainWithControlCharacters) {
  EXPECT_FALSE(is_plain(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_plain("a\nb"));
  EXPECT_FALSE(is_plain("\x1b[31m"));
  EXPECT_FALSE(is_plain("\x7f"));
  EXPECT_FALSE(is_plain("\xc2\x9b"));  // a terminal's CSI as one character
}

TEST(Text, IsNotPlainWhereItIsNoUtf8) {
  for (const std::string_view text :
       {"\x80", "\xff", "\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80", "\xe2\x82", "\xed\xa0\x80",
        "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "a\xe2\x28\xa1"}) {
    EXPECT_FALSE(is_plain(text)) << quoted(text);
  }
}

TEST(Text, QuotesWhatIsPlainAsItStands) { EXPECT_EQ(quoted("llama größer"), "'llama größer'"); }

TEST(Text, SpellsOutControlsAndBrokenBytesInQuotes) {
  EXPECT_EQ(quoted("a\nb\x1b[0m"), "'a\\nb\\x1b[0m'");
  EXPECT_EQ(quoted("\xff\xc2\x9b!"), "'\\xff\\xc2\\x9b!'");
}

TEST(Text, CutsLongQuotesAtACharacter) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "ä";
  const std::string quote = gguf::quoted(text);
  EXPECT_TRUE(quote.ends_with("ä…'"));
  EXPECT_TRUE(is_plain(quote));
  EXPECT_EQ(quote.size(), 2 + 64 * 2 + 3U);
}

TEST(Text, ReplacesBrokenBytesAndKeepsTheRest) {
  EXPECT_EQ(valid_utf8("line\nline"), "line\nline");
  EXPECT_EQ(valid_utf8("a\xff"
                       "b\xe2\x82"),
            "a\uFFFDb\uFFFD");
}

}  // namespace
}  // namespace shimmy::gguf
