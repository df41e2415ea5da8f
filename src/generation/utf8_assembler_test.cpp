#include "generation/utf8_assembler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

namespace shimmy::generation {
namespace {

const std::string kReplaced = "\xEF\xBF\xBD";

std::string assemble(const std::vector<std::string>& pieces) {
  Utf8Assembler assembler;
  std::string out;
  for (const std::string& piece : pieces) out += assembler.push(piece);
  return out + assembler.flush();
}

// Unicode 15, table 3-7, row by row: the ranges of each byte of a well-formed sequence.
struct Row {
  std::vector<std::pair<int, int>> bytes;
};
const std::array<Row, 9> kWellFormed{{{{{0x00, 0x7F}}},
                                      {{{0xC2, 0xDF}, {0x80, 0xBF}}},
                                      {{{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}}},
                                      {{{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}}},
                                      {{{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}}},
                                      {{{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}}},
                                      {{{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
                                      {{{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
                                      {{{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}}}};

// How many bytes of `text` from `at` on fit the row.
std::size_t fits(const Row& row, const std::string& text, std::size_t at) {
  std::size_t count = 0;
  while (count < row.bytes.size() && at + count < text.size()) {
    const int byte = static_cast<unsigned char>(text[at + count]);
    if (byte < row.bytes[count].first || byte > row.bytes[count].second) break;
    ++count;
  }
  return count;
}

// The whole text at once, by the table: a row that fits wholly is kept, else the longest part that
// fits some row (or one byte) is replaced.
std::string reference(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t longest = 1;
    bool whole = false;
    for (const Row& row : kWellFormed) {
      const std::size_t count = fits(row, text, at);
      longest = std::max(longest, count);
      whole = whole || count == row.bytes.size();
    }
    out += whole ? text.substr(at, longest) : kReplaced;
    at += longest;
  }
  return out;
}

TEST(Utf8Assembler, PassesWholeCharactersOnAtOnce) {
  Utf8Assembler assembler;
  EXPECT_EQ(assembler.push("aé世🙂"), "aé世🙂");
  EXPECT_EQ(assembler.held_bytes(), 0U);
  EXPECT_EQ(assembler.flush(), "");
}

TEST(Utf8Assembler, TakesNothingForNothing) {
  Utf8Assembler assembler;
  EXPECT_EQ(assembler.push(""), "");
  EXPECT_EQ(assembler.flush(), "");
}

TEST(Utf8Assembler, KeepsAnIncompleteCharacterUntilItIsWhole) {
  Utf8Assembler assembler;
  EXPECT_EQ(assembler.push("x\xF0"), "x");
  EXPECT_GT(assembler.held_bytes(), 0U);
  EXPECT_EQ(assembler.push("\x9F\x99"), "");
  EXPECT_EQ(assembler.push("\x82y"), "🙂y");
  EXPECT_EQ(assembler.held_bytes(), 0U);
}

TEST(Utf8Assembler, FlushReplacesAnIncompleteCharacterOnce) {
  Utf8Assembler assembler;
  EXPECT_EQ(assembler.push("\xF0\x9F\x99"), "");
  EXPECT_EQ(assembler.flush(), kReplaced);
  EXPECT_EQ(assembler.held_bytes(), 0U);
  EXPECT_EQ(assembler.flush(), "");
  EXPECT_EQ(assembler.push("a"), "a");
}

TEST(Utf8Assembler, GivesTheSameAtEverySplitPoint) {
  const std::string text = "a\u00e9\u07ff\u0800퟿\ue000\uffff\U00010000\U0010ffff\xFFz\xE2\x82";
  const std::string expected = reference(text);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      EXPECT_EQ(assemble({text.substr(0, first), text.substr(first, second - first),
                          text.substr(second)}),
                expected)
          << first << ", " << second;
    }
  }
}

TEST(Utf8Assembler, GivesTheSameByteByByte) {
  const std::string text = "Grüße, 世界! 🙂 \xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80";
  std::vector<std::string> bytes;
  for (const char c : text) bytes.emplace_back(1, c);
  EXPECT_EQ(assemble(bytes), reference(text));
}

TEST(Utf8Assembler, AgreesWithTheTableOnEveryPairOfBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second), 'x'};
      ASSERT_EQ(assemble({text}), reference(text)) << first << " " << second;
      ASSERT_EQ(assemble({text.substr(0, 1), text.substr(1)}), reference(text))
          << first << " " << second;
    }
  }
}

TEST(Utf8Assembler, AgreesWithTheTableOnEveryByteInEveryPlaceOfACharacter) {
  for (const std::string character : {"é", "ࠀ", "世", "퟿", "🙂", "\U0010ffff"}) {
    for (std::size_t place = 0; place < character.size(); ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text = character;
        text[place] = static_cast<char>(byte);
        text.insert(0, "a").append("b");
        for (std::size_t split = 0; split <= text.size(); ++split) {
          ASSERT_EQ(assemble({text.substr(0, split), text.substr(split)}), reference(text))
              << character << " byte " << place << " = " << byte;
        }
      }
    }
  }
}

TEST(Utf8Assembler, AgreesWithTheTableOnRandomBytes) {
  // Bytes at the borders of the table's ranges are the interesting ones.
  constexpr std::array<unsigned char, 20> borders{0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
                                                  0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
                                                  0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF};
  std::mt19937 random(3);  // NOLINT: the same bytes every time
  std::uniform_int_distribution<std::size_t> pick(0, borders.size() - 1);
  std::uniform_int_distribution<std::size_t> length(0, 3);
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::string> pieces(4);
    std::string text;
    for (std::string& piece : pieces) {
      piece.resize(length(random));
      for (char& c : piece) c = static_cast<char>(borders[pick(random)]);
      text += piece;
    }
    ASSERT_EQ(assemble(pieces), reference(text));
  }
}

TEST(Utf8Assembler, ReplacesEachMaximalPartOnce) {
  // The example of the Unicode standard, section 3.9, table 3-11.
  const std::string text = "\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42";
  std::string expected;
  for (int i = 0; i < 5; ++i) expected += kReplaced;
  expected += "A" + kReplaced + kReplaced + "B";
  EXPECT_EQ(assemble({text}), expected);
}

}  // namespace
}  // namespace shimmy::generation
