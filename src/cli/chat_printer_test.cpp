#include "cli/chat_printer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace shimmy::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class ChatPrinterTest : public testing::Test {
 protected:
  void on_terminal() { terminal_.out_is_tty = true; }

  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Terminal terminal_{in_, out_, err_};
  ChatPrinter printer_{terminal_};
};

TEST_F(ChatPrinterTest, WritesTextAsItIsIntoAPipe) {
  EXPECT_TRUE(printer_.show({"a thought", ""}));
  EXPECT_TRUE(printer_.show({"", "a\x1b[31m"}));
  EXPECT_TRUE(printer_.show({"", "b"}));
  printer_.finish();
  EXPECT_EQ(out_.str(), "a\x1b[31mb\n");
  EXPECT_EQ(printer_.text(), "a\x1b[31mb");
}

TEST_F(ChatPrinterTest, DimsThoughtsOnATerminal) {
  on_terminal();
  printer_.show({"hm, ", ""});
  printer_.show({"yes", ""});
  printer_.show({"", "It is."});
  printer_.finish();
  EXPECT_EQ(out_.str(), "\x1b[2mhm, yes\x1b[0m\n\nIt is.\n");
  EXPECT_EQ(printer_.text(), "It is.");
}

TEST_F(ChatPrinterTest, EndsThoughtsThatWereCutOff) {
  on_terminal();
  printer_.show({"hm", ""});
  printer_.finish();
  EXPECT_EQ(out_.str(), "\x1b[2mhm\x1b[0m\n");
}

TEST_F(ChatPrinterTest, LetsTheModelCommandNoTerminal) {
  on_terminal();
  printer_.show({"\x1b[2J", "a\x1b]0;x\x07\r\nb\tc"});
  EXPECT_EQ(printer_.text(), "a\x1b]0;x\x07\r\nb\tc");
  EXPECT_THAT(out_.str(), HasSubstr("a\\x1b]0;x\\x07\\r\nb\tc"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b[2J")));
}

TEST_F(ChatPrinterTest, AddsNoSecondNewline) {
  printer_.show({"", "a\n"});
  printer_.finish();
  EXPECT_EQ(out_.str(), "a\n");
}

TEST_F(ChatPrinterTest, WritesNothingForAnEmptyAnswer) {
  printer_.finish();
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ChatPrinterTest, SaysWhenNobodyReads) {
  out_.setstate(std::ios::badbit);
  EXPECT_FALSE(printer_.show({"", "a"}));
  EXPECT_NE(printer_.written(), WriteResult::Written);
}

TEST(ChatStats, TellSpeeds) {
  const std::string text = chat_stats({"stop", {110, 11, 10}, {0, 100, 200, 101}});
  EXPECT_THAT(text, HasSubstr("110 tokens    1000.0 tok/s  (10 cached)"));
  EXPECT_THAT(text, HasSubstr("11 tokens      50.0 tok/s"));
  EXPECT_THAT(text, HasSubstr("101 ms"));
}

TEST(ChatStats, TellCountsWhereNoTimesAreKnown) {
  EXPECT_EQ(chat_stats({"stop", {9, 3, 0}, {}}),
            "prompt            9 tokens\ngenerated         3 tokens\n");
}

}  // namespace
}  // namespace shimmy::cli
