#include "http/text.h"

#include <gtest/gtest.h>

namespace shimmy::http {
namespace {

TEST(Text, IgnoresTheCaseOfAsciiLettersOnly) {
  EXPECT_TRUE(equal_ignoring_case("Content-LENGTH", "content-length"));
  EXPECT_TRUE(equal_ignoring_case("", ""));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));  // 0x20 apart, as letters are
  EXPECT_FALSE(equal_ignoring_case("\xc4", "\xe4"));
}

TEST(Text, TrimsSpacesAndTabs) {
  EXPECT_EQ(trimmed(" \ta b\t "), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed("\na"), "\na");
}

}  // namespace
}  // namespace shimmy::http
