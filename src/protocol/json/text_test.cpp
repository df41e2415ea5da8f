#include "protocol/json/text.h"

#include <gtest/gtest.h>

namespace shimmy::protocol::json {
namespace {

TEST(Quoted, EscapesWhatJsonMust) {
  EXPECT_EQ(quoted("a\"b\\c\n\t\x01"), R"("a\"b\\c\n\t\u0001")");
}

TEST(Quoted, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(quoted("a\xFF"
                   "b\xE2\x82"),
            "\"a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\"");
}

TEST(Quoted, KeepsUtf8) {
  EXPECT_EQ(quoted("\xE2\x82\xAC \xF0\x9F\x98\x80"), "\"\xE2\x82\xAC \xF0\x9F\x98\x80\"");
}

TEST(QuotedOrNull, TakesEmptyForNull) {
  EXPECT_EQ(quoted_or_null(""), "null");
  EXPECT_EQ(quoted_or_null("x"), "\"x\"");
}

}  // namespace
}  // namespace shimmy::protocol::json
