#include "cli/definitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/App.hpp>
#include <algorithm>

#include "cli/program.h"

namespace shimmy::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Definitions, TellNamesValuesAndVariablesOfFlags) {
  CLI::App app;
  std::string text;
  bool yes = false;
  CLI::App* command = app.add_subcommand("do", "does it");
  command->footer("\nExamples:\n  do");
  command->set_help_flag();
  command->add_option("-f,--file", text, "a file")->type_name("FILE")->envname("THE_FILE");
  command->add_flag("--yes", yes, "agree");
  command->add_option("MODEL", text, "a model")->type_name("")->required();

  const ProgramDefinition program = definition(app);
  ASSERT_EQ(program.commands.size(), 1U);
  const CommandDefinition& defined = program.commands.front();
  EXPECT_EQ(defined.name, "do");
  EXPECT_EQ(defined.description, "does it");
  EXPECT_EQ(defined.footer, "\nExamples:\n  do");
  ASSERT_EQ(defined.flags.size(), 2U);
  EXPECT_THAT(defined.flags[0].names, ElementsAre("--file", "-f"));
  EXPECT_EQ(defined.flags[0].value, "FILE");
  EXPECT_EQ(defined.flags[0].variable, "THE_FILE");
  EXPECT_EQ(defined.flags[1].value, "");
  ASSERT_EQ(defined.positionals.size(), 1U);
  EXPECT_EQ(defined.positionals[0].name, "MODEL");
  EXPECT_TRUE(defined.positionals[0].is_required);
}

TEST(Definitions, KnowWhatStandsInAValue) {
  EXPECT_EQ(value_kind("MODEL"), ValueKind::Model);
  EXPECT_EQ(value_kind("FILE"), ValueKind::File);
  EXPECT_EQ(value_kind("FILE|NAME"), ValueKind::File);
  EXPECT_EQ(value_kind("DIR"), ValueKind::Directory);
  EXPECT_EQ(value_kind("bash|zsh|fish"), ValueKind::Choice);
  for (const char* other : {"", "N", "HOST|PORT", "word", "a|B"}) {
    EXPECT_EQ(value_kind(other), ValueKind::Other) << other;
  }
  EXPECT_THAT(choices("a|b1|c"), ElementsAre("a", "b1", "c"));
}

TEST(Definitions, OfTheProgramAreAllExplained) {
  Program program;
  const ProgramDefinition defined = definition(program.app());
  EXPECT_GE(defined.commands.size(), 5U);
  for (const CommandDefinition& command : defined.commands) {
    EXPECT_NE(command.description, "") << command.name;
    EXPECT_FALSE(command.description.ends_with('.')) << command.name;
    for (const FlagDefinition& flag : command.flags) {
      EXPECT_NE(flag.description, "") << command.name << ' ' << flag.names.front();
      EXPECT_FALSE(flag.description.ends_with('.')) << command.name << ' ' << flag.names.front();
    }
  }
}

TEST(Definitions, NameEachCommandOnce) {
  Program program;
  std::vector<std::string> names;
  for (const CommandDefinition& command : definition(program.app()).commands) {
    names.push_back(command.name);
  }
  std::ranges::sort(names);
  EXPECT_THAT(std::vector<std::string>(std::ranges::unique(names).begin(), names.end()), IsEmpty());
}

}  // namespace
}  // namespace shimmy::cli
