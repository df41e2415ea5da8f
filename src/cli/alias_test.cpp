#include "cli/alias.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_fixture.h"

namespace shimmy::cli {
namespace {

using testing::HasSubstr;

class AliasTest : public CliFixture {
 protected:
  AliasTest() {
    environment_["XDG_DATA_HOME"] = (temp_.path() / "data").string();
    add_model("phi");
  }

  int run(AliasOptions options) {
    out_.str("");
    err_.str("");
    return alias(options, terminal_, services_);
  }
};

TEST_F(AliasTest, AddsListsAndRemoves) {
  EXPECT_EQ(run({"add", "mine", "PHI"}), 0);
  EXPECT_EQ(out_.str(), "mine stands for phi.\n");
  EXPECT_EQ(run({}), 0);
  EXPECT_EQ(out_.str(), "ALIAS  MODEL\nmine   phi\n");
  EXPECT_EQ(run({"remove", "mine"}), 0);
  EXPECT_EQ(out_.str(), "mine is no alias any more.\n");
  EXPECT_EQ(run({"list"}), 0);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("shimmy alias add"));
}

TEST_F(AliasTest, ListsAsJson) {
  EXPECT_EQ(run({.json = true}), 0);
  EXPECT_EQ(out_.str(), "{\"aliases\":{}}\n");
  run({"add", "mine", "phi"});
  EXPECT_EQ(run({.action = "list", .json = true}), 0);
  EXPECT_EQ(out_.str(), "{\"aliases\":{\"mine\":\"phi\"}}\n");
}

TEST_F(AliasTest, MarksAModelThatIsGone) {
  run({"add", "mine", "phi"});
  std::filesystem::remove(temp_.path() / "phi.gguf");
  EXPECT_EQ(run({}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("phi (not there)"));
}

TEST_F(AliasTest, RefusesWhatCannotBe) {
  EXPECT_EQ(run({"add", "mine", "phy"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean phi?"));
  EXPECT_EQ(run({"add", "phi", "phi"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("a model's own name"));
  EXPECT_EQ(run({"add", "a b", "phi"}), 2);
  EXPECT_EQ(run({"remove", "mine"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("There is no alias mine."));
}

TEST_F(AliasTest, ExplainsItsUse) {
  for (const AliasOptions& options :
       {AliasOptions{"add", "mine", ""}, AliasOptions{"add"}, AliasOptions{"remove"},
        AliasOptions{"remove", "a", "b"}, AliasOptions{"rename", "a", "b"},
        AliasOptions{"list", "a"}}) {
    EXPECT_EQ(run(options), 2) << options.action;
    EXPECT_THAT(err_.str(), HasSubstr("Write shimmy alias,"));
  }
}

}  // namespace
}  // namespace shimmy::cli
