#include "cli/man_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const FlagDefinition kHelp{{"--help", "-h"}, "", "", "print this help"};

ProgramDefinition program() {
  return {{"shimmy", ".runs", "\nExamples:\n  shimmy do 'it'\n\nMore.", {}, {kHelp}},
          {{"do",
            "do it",
            "",
            {{"MODEL", "its name", true}, {"WHAT", "else", false}},
            {{{"--much"}, "N", "SHIMMY_MUCH", "how \\much"}, kHelp}}}};
}

TEST(ManPage, TellsFlagsWithValuesAndVariables) {
  const std::string page = man_page(program(), "1.2.3");
  EXPECT_THAT(page, AllOf(HasSubstr(".TH SHIMMY 1 \"\" \"shimmy 1.2.3\""),
                          HasSubstr("\\fB\\-\\-much\\fR \\fIN\\fR\nHow \\emuch"),
                          HasSubstr("(environment: \\fBSHIMMY_MUCH\\fR)"), HasSubstr(".SS \"do\""),
                          HasSubstr("Do it."), HasSubstr("\\fIMODEL\\fR [\\fIWHAT\\fR]")));
}

TEST(ManPage, TellsCommonFlagsOnce) {
  const std::string page = man_page(program(), "1");
  const std::size_t first = page.find("Print this help");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(page.find("Print this help", first + 1), std::string::npos);
}

TEST(ManPage, LetsNoTextBeARequest) {
  EXPECT_THAT(man_page(program(), "1"), AllOf(HasSubstr("\n\\&.runs"), Not(HasSubstr("\n.runs"))));
}

TEST(ManPage, NamesCharactersOutsideAscii) {
  ProgramDefinition defined = program();
  defined.commands[0].description = "do … 🦐 it";
  const std::string page = man_page(defined, "1");
  EXPECT_THAT(page, HasSubstr("Do \\[u2026] \\[u1F990] it."));
  EXPECT_TRUE(std::ranges::all_of(page, [](char c) { return static_cast<signed char>(c) > 0; }));
}

TEST(ManPage, ShowsExamplesAsTheyStand) {
  EXPECT_THAT(man_page(program(), "1"),
              AllOf(HasSubstr(".SH EXAMPLES\n.PP\n.nf\n.RS\nshimmy do \\(aqit\\(aq\n.RE\n.fi"),
                    Not(HasSubstr("More."))));
}

}  // namespace
}  // namespace shimmy::cli
