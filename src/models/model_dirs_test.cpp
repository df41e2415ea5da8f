#include "models/model_dirs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

using testing::ElementsAre;

Environment environment(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

std::vector<std::string> paths(const std::vector<ModelDir>& dirs) {
  std::vector<std::string> result;
  for (const ModelDir& dir : dirs) result.push_back(dir.path.string());
  return result;
}

TEST(ModelDirs, AreFlagsThenVariableThenHereThenHome) {
  const std::vector<std::string> flags{"/flag/a", "/flag/b"};
  const auto dirs = model_dirs(
      flags, environment({{"SHIMMY_MODEL_PATHS", "/env/a;/env/b"}, {"HOME", "/home/u"}}));
  EXPECT_THAT(paths(dirs), ElementsAre("/flag/a", "/flag/b", "/env/a", "/env/b", "models",
                                       "/home/u/.local/share/shimmy/models"));
  EXPECT_EQ(dirs.front().source, "--model-dir");
  EXPECT_EQ(dirs[2].source, "SHIMMY_MODEL_PATHS");
  EXPECT_EQ(dirs[4].source, "./models");
}

TEST(ModelDirs, TakesColonsAndSemicolonsAndIgnoresEmptyParts) {
  const auto dirs = model_dirs({}, environment({{"SHIMMY_MODEL_PATHS", ";/a::/b;/c:"}}));
  EXPECT_THAT(paths(dirs), ElementsAre("/a", "/b", "/c", "models"));
}

TEST(ModelDirs, PrefersXdgDataHome) {
  const auto dirs = model_dirs({}, environment({{"XDG_DATA_HOME", "/data"}, {"HOME", "/home/u"}}));
  EXPECT_THAT(paths(dirs), ElementsAre("models", "/data/shimmy/models"));
}

TEST(ModelDirs, IgnoresRelativeXdgDataHome) {
  EXPECT_EQ(user_model_dir(environment({{"XDG_DATA_HOME", "data"}, {"HOME", "/home/u"}})),
            "/home/u/.local/share/shimmy/models");
}

TEST(ModelDirs, DoWithoutAnyHome) {
  EXPECT_THAT(paths(model_dirs({}, environment({}))), ElementsAre("models"));
  EXPECT_EQ(user_model_dir(environment({})), "");
}

TEST(ModelDirs, NamesEachDirectoryOnce) {
  const std::vector<std::string> flags{"/a", "/a/", "/b/../a", "./models"};
  const auto dirs = model_dirs(flags, environment({{"SHIMMY_MODEL_PATHS", "/a"}}));
  EXPECT_THAT(paths(dirs), ElementsAre("/a", "./models"));
}

TEST(ModelDirs, SeesThroughSymbolicLinks) {
  const support::TempDir temp;
  std::filesystem::create_directory(temp.path() / "real");
  std::filesystem::create_directory_symlink("real", temp.path() / "link");
  const std::vector<std::string> flags{temp.path() / "real", temp.path() / "link"};
  EXPECT_EQ(model_dirs(flags, environment({})).size(), 2U);  // one of them, and ./models
}

TEST(ModelDirs, SearchesTheConfiguredOnesBeforeTheUsualOnes) {
  const auto nothing = [](std::string_view) { return std::nullopt; };
  const std::vector<std::string> flags{"/a"};
  const std::vector<std::string> configured{"/a", "/c"};
  const auto dirs = model_dirs(flags, nothing, configured);
  ASSERT_EQ(dirs.size(), 3U);
  EXPECT_EQ(dirs[0].source, "--model-dir");
  EXPECT_EQ(dirs[1].path, "/c");
  EXPECT_EQ(dirs[1].source, "configuration");
  EXPECT_EQ(dirs[2].source, "./models");
}

}  // namespace
}  // namespace shimmy::models
