#include "app/model_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "support/gguf_writer.h"
#include "support/temp_dir.h"

namespace shimmy::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ModelLookupTest : public testing::Test {
 protected:
  ModelLookupTest() {
    temp_.write("data/shimmy/models/mine.gguf", support::small_model().bytes());
    temp_.write("home/.lmstudio/models/org/repo/theirs.gguf", support::small_model().bytes());
    temp_.write("configured/third.gguf", support::small_model().bytes());
  }

  models::Environment environment() const {
    return [variables =
                std::map<std::string, std::string, std::less<>>{
                    {"HOME", (temp_.path() / "home").string()},
                    {"XDG_DATA_HOME", (temp_.path() / "data").string()},
                    {"XDG_CACHE_HOME", (temp_.path() / "cache").string()}}](
               std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
  }

  static std::vector<std::string> names(const models::Catalog& catalog) {
    std::vector<std::string> result;
    for (const models::ModelEntry& entry : catalog.entries()) result.push_back(entry.name);
    return result;
  }

  const support::TempDir temp_;
  ServeOptions options_;
};

TEST_F(ModelLookupTest, LooksIntoStoresAndTheUsersDirectory) {
  ModelLookup lookup(options_, environment(), {});
  EXPECT_EQ(names(lookup.scan()).size(), 2U);
}

TEST_F(ModelLookupTest, FollowsTheConfiguration) {
  ModelLookup lookup(options_, environment(), {});
  options_.disabled_stores = {"lm studio"};
  options_.config_dirs = {(temp_.path() / "configured").string()};
  lookup.follow(options_);
  EXPECT_THAT(names(lookup.scan()), ElementsAre("mine", "third"));
}

TEST_F(ModelLookupTest, KnowsTheUsersAliases) {
  ModelLookup lookup(options_, environment(), {});
  const models::AliasStore aliases(models::alias_file(environment()));
  ASSERT_TRUE(aliases.add("small", "mine", lookup.scan().entries()));
  const auto found = lookup.scan().find("small");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "mine");
}

TEST_F(ModelLookupTest, KnowsTheAliasesOfTheConfiguration) {
  ModelLookup lookup(options_, environment(), {});
  lookup.add_aliases({.models = {{.name = "mine", .aliases = {"coder"}}}});
  const auto found = lookup.scan().find("Coder");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "mine");
}

TEST_F(ModelLookupTest, SaysWhenTheAliasesCannotBeRead) {
  temp_.write("data/shimmy/aliases.json", "no JSON");
  std::string lines;
  ModelLookup lookup(options_, environment(),
                     base::Logger::to_writer(base::LogLevel::Info, base::LogFormat::Text,
                                             [&](std::string_view line) { lines += line; }));
  EXPECT_EQ(names(lookup.scan()).size(), 2U);
  EXPECT_THAT(lines, HasSubstr("aliases.json"));
}

}  // namespace
}  // namespace shimmy::app
