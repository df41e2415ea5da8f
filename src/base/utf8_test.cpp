#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace shimmy::base {
namespace {

// The encoder that the decoder is held against.
std::string encode(unsigned code_point) {
  const auto byte = [](unsigned value) { return static_cast<char>(value); };
  if (code_point < 0x80) return {byte(code_point)};
  if (code_point < 0x800) return {byte(0xC0 | code_point >> 6), byte(0x80 | (code_point & 0x3F))};
  if (code_point < 0x10000) {
    return {byte(0xE0 | code_point >> 12), byte(0x80 | (code_point >> 6 & 0x3F)),
            byte(0x80 | (code_point & 0x3F))};
  }
  return {byte(0xF0 | code_point >> 18), byte(0x80 | (code_point >> 12 & 0x3F)),
          byte(0x80 | (code_point >> 6 & 0x3F)), byte(0x80 | (code_point & 0x3F))};
}

bool is_surrogate(unsigned code_point) { return code_point >= 0xD800 && code_point <= 0xDFFF; }

TEST(FirstUtf8, TakesEveryCodePointWhole) {
  for (unsigned code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    if (is_surrogate(code_point)) continue;
    const std::string text = encode(code_point);
    const Utf8Part part = first_utf8(text + "x");
    ASSERT_EQ(part.kind, Utf8::Whole) << code_point;
    ASSERT_EQ(part.bytes, text.size()) << code_point;
  }
}

TEST(FirstUtf8, SeesWhereACharacterIsCut) {
  for (const unsigned code_point :
       {0x80U, 0x7FFU, 0x800U, 0xD7FFU, 0xE000U, 0xFFFFU, 0x10000U, 0x10FFFFU}) {
    const std::string text = encode(code_point);
    for (std::size_t length = 1; length < text.size(); ++length) {
      const Utf8Part part = first_utf8(std::string_view(text).substr(0, length));
      EXPECT_EQ(part.kind, Utf8::Cut) << code_point;
      EXPECT_EQ(part.bytes, length) << code_point;
    }
  }
}

TEST(FirstUtf8, RefusesSurrogates) {
  for (unsigned code_point = 0xD800; code_point <= 0xDFFF; ++code_point) {
    const Utf8Part part = first_utf8(encode(code_point));
    ASSERT_EQ(part.kind, Utf8::Invalid);
    ASSERT_EQ(part.bytes, 1U);
  }
}

TEST(FirstUtf8, RefusesCodePointsBeyondTheLast) {
  EXPECT_EQ(first_utf8(encode(0x110000)).kind, Utf8::Invalid);
  EXPECT_EQ(first_utf8(encode(0x1FFFFF)).kind, Utf8::Invalid);
}

TEST(FirstUtf8, RefusesOverlongForms) {
  for (const std::string_view text : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
                                      "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF"}) {
    const Utf8Part part = first_utf8(text);
    EXPECT_EQ(part.kind, Utf8::Invalid);
    EXPECT_EQ(part.bytes, 1U);
  }
}

TEST(FirstUtf8, RefusesBytesThatStartNoCharacter) {
  for (unsigned byte = 0x80; byte <= 0xFF; ++byte) {
    if (byte >= 0xC2 && byte <= 0xF4) continue;
    const std::string text(4, static_cast<char>(byte));
    EXPECT_EQ(first_utf8(text).kind, Utf8::Invalid) << byte;
    EXPECT_EQ(first_utf8(text).bytes, 1U) << byte;
  }
}

TEST(FirstUtf8, EndsAnIllFormedPartBeforeTheFirstByteThatDoesNotFit) {
  EXPECT_EQ(first_utf8("\xF1\x80\x80x").bytes, 3U);
  EXPECT_EQ(first_utf8("\xE1\x80\xC2").bytes, 2U);
  EXPECT_EQ(first_utf8("\xC2\xC2").bytes, 1U);
}

}  // namespace
}  // namespace shimmy::base
