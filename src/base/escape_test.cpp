#include "base/escape.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>
#include <string>

namespace shimmy::base {
namespace {

TEST(EscapeControl, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(escape_control(""), "");
  EXPECT_EQ(escape_control("Grüße, 世界 🙂 ~ \\ \""), "Grüße, 世界 🙂 ~ \\ \"");
}

TEST(EscapeControl, NamesTheCommonOnesAndNumbersTheRest) {
  EXPECT_EQ(escape_control("a\nb\rc\td"), "a\\nb\\rc\\td");
  EXPECT_EQ(escape_control(std::string_view("\0\x01\x1f\x7f", 4)), "\\x00\\x01\\x1f\\x7f");
}

TEST(EscapeControl, DisarmsTerminalCodes) {
  EXPECT_EQ(escape_control("\x1b[31mred\x1b]0;title\x07"), "\\x1b[31mred\\x1b]0;title\\x07");
}

TEST(EscapeControl, DisarmsTheEightBitControlsToo) {
  EXPECT_EQ(escape_control("\xC2\x9B"
                           "31m"),
            "\\xc2\\x9b31m");
  EXPECT_EQ(escape_control("\xC2\x80\xC2\x9F\xC2\xA0"), "\\xc2\\x80\\xc2\\x9f\xC2\xA0");
}

TEST(EscapeControl, ShowsBytesThatAreNotUtf8) {
  EXPECT_EQ(escape_control("a\xFF\x9B z\xE2\x82"), "a\\xff\\x9b z\\xe2\\x82");
}

std::string read_back(std::string_view json) {
  return std::string(boost::json::parse(json).as_string());
}

TEST(JsonQuoted, WritesPlainTextAsItIs) {
  EXPECT_EQ(json_quoted(""), R"("")");
  EXPECT_EQ(json_quoted("Grüße 🙂 /"), "\"Grüße 🙂 /\"");
}

TEST(JsonQuoted, EscapesWhatJsonForbids) {
  EXPECT_EQ(json_quoted("say \"hi\" \\ \n\r\t"), R"("say \"hi\" \\ \n\r\t")");
  EXPECT_EQ(json_quoted(std::string_view("\0\x1b\x1f", 3)), R"("\u0000\u001b\u001f")");
}

TEST(JsonQuoted, KeepsEveryAsciiCharacterOnTheWayThroughAParser) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  EXPECT_EQ(read_back(json_quoted(all)), all);
}

TEST(JsonQuoted, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(read_back(json_quoted("a\xFFz\xE2\x82")), "a\xEF\xBF\xBDz\xEF\xBF\xBD");
}

TEST(JsonQuoted, IsValidJsonWhateverTheBytes) {
  std::mt19937 random(1);  // NOLINT: the same bytes every time
  std::uniform_int_distribution<int> byte(0, 255);
  for (int round = 0; round < 2000; ++round) {
    std::string text(static_cast<std::size_t>(round % 24), '\0');
    for (char& c : text) c = static_cast<char>(byte(random));
    boost::system::error_code error;
    boost::json::parse(json_quoted(text), error);
    ASSERT_FALSE(error) << escape_control(text);
  }
}

}  // namespace
}  // namespace shimmy::base
