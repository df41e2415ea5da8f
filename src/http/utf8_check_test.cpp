#include "http/utf8_check.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace shimmy::http {
namespace {

bool is_utf8(std::string_view text) {
  Utf8Check check;
  return check.take(text) && check.is_whole();
}

TEST(Utf8Check, TakesCharactersOfEveryLength) {
  for (const std::string_view text :
       {"", "plain", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "h\xC3\xA9llo \xF0\x9F\x98\x80!"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8Check, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3(", "\xE2\x82(",
        "\xF0\x9F\x98z", "a\xFE"}) {
    EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8Check, SeesThatACharacterIsNotWhole) {
  const std::string_view smile = "\xF0\x9F\x98\x80";
  for (std::size_t bytes = 1; bytes < smile.size(); ++bytes) {
    Utf8Check check;
    EXPECT_TRUE(check.take(smile.substr(0, bytes)));
    EXPECT_FALSE(check.is_whole());
    EXPECT_TRUE(check.take(smile.substr(bytes)));
    EXPECT_TRUE(check.is_whole());
  }
}

TEST(Utf8Check, StaysFailedUntilItIsReset) {
  Utf8Check check;
  EXPECT_FALSE(check.take("\xFF"));
  EXPECT_FALSE(check.take("fine"));
  EXPECT_FALSE(check.is_whole());
  check.reset();
  EXPECT_TRUE(check.take("fine"));
  EXPECT_TRUE(check.is_whole());
}

// Against a decoder that works on code points: every sequence of two bytes, and all that begin with
// the leads whose second byte is restricted.
bool is_utf8_by_code_point(std::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5U == 6 ? 2 : lead >> 4U == 14 ? 3 : 4;
    if ((length == 4 && lead >> 3U != 30) || text.size() < length) return false;
    unsigned code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte >> 6U != 2) return false;
      code = code << 6U | (byte & 63U);
    }
    constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
    text.remove_prefix(length);
  }
  return true;
}

TEST(Utf8Check, AgreesWithADecoderOnEveryPairOfBytes) {
  for (unsigned pair = 0; pair < 0x10000; ++pair) {
    for (const std::string_view rest : {"", "\x80", "\x80\x80", "a"}) {
      std::string text = {static_cast<char>(pair >> 8U), static_cast<char>(pair & 0xFFU)};
      text += rest;
      ASSERT_EQ(is_utf8(text), is_utf8_by_code_point(text)) << testing::PrintToString(text);
    }
  }
}

}  // namespace
}  // namespace shimmy::http
