#include "cli/model_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_fixture.h"

namespace shimmy::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ModelChoiceTest : public CliFixture {
 protected:
  std::string choose(const std::string& wanted = "") {
    const auto entry =
        choose_model(services_.scan({}), wanted, services_.environment, models::read_file_facts);
    return entry ? entry->name : entry.error().message;
  }
};

TEST_F(ModelChoiceTest, TakesTheOnlyModel) {
  add_model("one");
  EXPECT_EQ(choose(), "one");
}

TEST_F(ModelChoiceTest, AsksWhereThereAreSeveral) {
  add_model("one");
  add_model("two");
  EXPECT_THAT(choose(), AllOf(HasSubstr("There are 2 models"), HasSubstr("one, two")));
}

TEST_F(ModelChoiceTest, PrefersWhatWasNamedThenTheVariable) {
  add_model("one");
  add_model("two");
  environment_["SHIMMY_MODEL"] = "two";
  EXPECT_EQ(choose(), "two");
  EXPECT_EQ(choose("one"), "one");
}

TEST_F(ModelChoiceTest, NamesTheVariableWhenItIsWrong) {
  add_model("one");
  environment_["SHIMMY_MODEL"] = "onne";
  const auto entry =
      choose_model(services_.scan({}), "", services_.environment, models::read_file_facts);
  ASSERT_FALSE(entry);
  EXPECT_THAT(entry.error().details, HasSubstr("SHIMMY_MODEL"));
}

TEST_F(ModelChoiceTest, SaysWhatToDoWithoutModels) {
  EXPECT_THAT(choose(), AllOf(HasSubstr("No models were found"), HasSubstr("shimmy pull")));
}

TEST_F(ModelChoiceTest, TakesPath) {
  add_model("one");
  add_model("two");
  EXPECT_EQ(choose((temp_.path() / "two.gguf").string()), "two");
  EXPECT_THAT(choose(temp_.path().string()), HasSubstr("is a directory"));
}

}  // namespace
}  // namespace shimmy::cli
