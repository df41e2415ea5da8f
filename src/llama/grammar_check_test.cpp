#include "llama/grammar_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "llama/shared_model_fixture.h"

namespace shimmy::llama {
namespace {

using testing::HasSubstr;

base::Result<void> check(std::string_view text) {
  return check_grammar(shared_model()->vocabulary().raw(), text, "root");
}

std::string complaint(std::string_view text) {
  const base::Result<void> checked = check(text);
  if (checked) return "none";
  EXPECT_EQ(checked.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_EQ(checked.error().param, "grammar");
  return checked.error().message;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t time = 0; time < times; ++time) all += text;
  return all;
}

class GoodGrammar : public testing::TestWithParam<std::string> {};

TEST_P(GoodGrammar, Passes) { EXPECT_EQ(complaint(GetParam()), "none"); }

INSTANTIATE_TEST_SUITE_P(
    All, GoodGrammar,
    testing::Values("root ::= \"a\"", "root ::= \"a\" | \"b\"\n", "# words\nroot ::= [a-z]+ # more",
                    "root ::= (\"a\" | \"b\"){2,5} \"c\"?", "root ::= item*\nitem ::= \"x\" \",\"",
                    "root ::= \"\\\"\" [^\"\\\\\\x00-\\x1F]* \"\\\"\"",
                    "root ::= ([ \\t\\n]?)* \"a\"", "root ::= \"[(\" x \")]\" \nx ::= \".\" {3}",
                    "root ::= <|im_start|> .*", "root ::= [a-z]{0,2000}",
                    "root ::= \"a\" root | \"b\""));

TEST(GrammarCheck, QuotesTheParser) {
  EXPECT_THAT(complaint("root = \"a\""), HasSubstr("expecting ::="));
  EXPECT_THAT(complaint("root ::= \"a"), HasSubstr("unexpected end of input"));
  EXPECT_THAT(complaint("root ::= (\"a\""), HasSubstr("expecting ')'"));
  EXPECT_THAT(complaint("root ::= \"\\q\""), HasSubstr("unknown escape"));
  EXPECT_THAT(complaint("root ::= \"\\xZZ\""), HasSubstr("hex"));
  EXPECT_THAT(complaint("root ::= *"), HasSubstr("expecting preceding item"));
}

TEST(GrammarCheck, KeepsItsQuotesShort) {
  EXPECT_LT(complaint("root ::= \"a\" $" + std::string(5000, 'x')).size(), 200U);
}

TEST(GrammarCheck, RefusesAnEmptyGrammar) {
  EXPECT_THAT(complaint(""), HasSubstr("empty"));
  EXPECT_THAT(complaint("  \n# nothing\n"), HasSubstr("empty"));
}

TEST(GrammarCheck, NamesWhatIsNotDefined) {
  EXPECT_THAT(complaint("root ::= missing"), HasSubstr("missing"));
  EXPECT_THAT(complaint("other ::= \"a\""), HasSubstr("no rule root"));
}

TEST(GrammarCheck, RefusesNulBytesAndLongTexts) {
  EXPECT_THAT(complaint(std::string_view("root ::= \"a\"\0\"b\"", 15)), HasSubstr("NUL"));
  EXPECT_THAT(complaint("root ::= \"" + std::string(70'000, 'a') + "\""), HasSubstr("bytes"));
}

TEST(GrammarCheck, RefusesDeepParentheses) {
  EXPECT_EQ(complaint("root ::= " + repeated("(", 60) + "\"a\"" + repeated(")", 60)), "none");
  EXPECT_THAT(complaint("root ::= " + repeated("(", 30'000)), HasSubstr("deeper"));
}

TEST(GrammarCheck, DoesNotCountParenthesesInTexts) {
  EXPECT_EQ(complaint("root ::= \"" + repeated("(", 200) + "\" [" + repeated("(", 200) + "]"),
            "none");
}

TEST(GrammarCheck, RefusesRepetitionsBackToFront) {
  EXPECT_THAT(complaint("root ::= \"a\"{5,2}"), HasSubstr("below its minimum"));
  EXPECT_THAT(complaint("root ::= \"a\" { 5 , 2 }"), HasSubstr("below its minimum"));
}

TEST(GrammarCheck, RefusesRepetitionsThatSwell) {
  EXPECT_THAT(complaint("root ::= \"" + std::string(1000, 'a') + "\"{2000}"), HasSubstr("large"));
  EXPECT_THAT(complaint("root ::= " + repeated("\"a\"{0,2000} ", 2000)), HasSubstr("large"));
  EXPECT_NE(complaint("root ::= \"a\"{99999999999999999999999}"), "none");
  EXPECT_NE(complaint("root ::= \"a\"{40}{40}{40}{40}"), "none");
}

TEST(GrammarCheck, RefusesRulesThatBeginWithThemselves) {
  EXPECT_THAT(complaint("root ::= root \"a\" | \"b\""), HasSubstr("begins with itself"));
  EXPECT_THAT(complaint("root ::= a\na ::= b \"x\"\nb ::= a | \"y\""),
              HasSubstr("begins with itself"));
  // Behind a rule that can be empty only through another one.
  EXPECT_THAT(complaint("root ::= a root \"x\" | \"y\"\na ::= b\nb ::= | \"z\""),
              HasSubstr("begins with itself"));
}

TEST(GrammarCheck, RefusesLongChainsOfRules) {
  std::string text = "root ::= r0\n";
  for (int rule = 0; rule < 3000; ++rule) {
    text += fmt::format("r{} ::= r{}\n", rule, rule + 1);
  }
  text += "r3000 ::= \"a\"\n";
  EXPECT_THAT(complaint(text), HasSubstr("too deeply"));
}

TEST(GrammarCheck, RefusesRulesThatDoubleTheirPaths) {
  std::string text = "root ::= r0\n";
  for (int rule = 0; rule < 64; ++rule) {
    text += fmt::format("r{0} ::= r{1} \"a\" | r{1} \"b\"\n", rule, rule + 1);
  }
  text += "r64 ::= \"c\"\n";
  EXPECT_THAT(complaint(text), HasSubstr("too deeply"));
}

TEST(GrammarCheck, SurvivesNonsense) {
  std::uint32_t state = 1;
  const std::string_view alphabet = "root ::=\"'[]()<>{}|*+?.\\x0-9,!#\n\t^aZ\xC3\xA9\xFF";
  for (int round = 0; round < 5000; ++round) {
    std::string text = round % 2 == 0 ? "root ::= " : "";
    for (int length = 0; length < round % 60; ++length) {
      state = state * 1664525U + 1013904223U;
      text += alphabet[(state >> 8) % alphabet.size()];
    }
    const base::Result<void> checked = check(text);
    EXPECT_TRUE(checked.has_value() || !checked.error().message.empty()) << text;
  }
}

}  // namespace
}  // namespace shimmy::llama
