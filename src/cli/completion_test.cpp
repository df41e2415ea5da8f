#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_fixture.h"
#include "cli/completion_scripts.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const ProgramDefinition kProgram{
    {"shimmy", "runs", "", {}, {{{"--help", "-h"}, "", "", "print this help"}}},
    {{"run",
      "chat with it",
      "",
      {{"MODEL", "its name", false}},
      {{{"--file", "-f"}, "FILE", "", "a [file]: 'x'"}, {{"--dir"}, "DIR", "", "where"}}},
     {"paint", "in a colour", "", {{"red|blue", "", true}}, {{{"--depth"}, "N", "", "how much"}}}}};

class CompletionTest : public CliFixture {};

TEST_F(CompletionTest, NamesTheCommandsForEachShell) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    out_.str("");
    EXPECT_EQ(completion({shell}, terminal_, services_), 0) << shell;
    EXPECT_THAT(out_.str(), AllOf(HasSubstr("generate"), HasSubstr("completion"),
                                  HasSubstr("max-tokens"), HasSubstr("shimmy list --short")));
  }
}

TEST_F(CompletionTest, RefusesOtherShells) {
  EXPECT_EQ(completion({"tcsh"}, terminal_, services_), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("bash, zsh and fish are"));
}

TEST(BashCompletion, OffersWhatAValueCanBe) {
  const std::string script = bash_completion(kProgram);
  EXPECT_THAT(script, AllOf(HasSubstr(R"("run --file" | "run -f") _shimmy_files -f; return ;;)"),
                            HasSubstr(R"("run --dir") _shimmy_files -d; return ;;)"),
                            HasSubstr(R"("paint --depth") :; return ;;)"),
                            HasSubstr(R"(_shimmy_offer $'red\nblue')"),
                            HasSubstr(R"(_shimmy_offer $'run\npaint')")));
}

TEST(ZshCompletion, EscapesWhatArgumentsReads) {
  EXPECT_THAT(zsh_completion(kProgram),
              AllOf(HasSubstr(R"('--file[a \[file\]\: '\''x'\'']:FILE:_files')"),
                    HasSubstr("':MODEL:_shimmy_models'"), HasSubstr("(red blue)")));
}

TEST(FishCompletion, QuotesDescriptions) {
  EXPECT_THAT(fish_completion(kProgram),
              AllOf(HasSubstr(R"(-l file -s f -d 'a [file]: \'x\'' -r -F)"),
                    HasSubstr("-a run -d 'chat with it'"), HasSubstr("-x -a 'red blue'")));
}

}  // namespace
}  // namespace shimmy::cli
