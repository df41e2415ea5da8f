#include "pull/removal.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pull/origin.h"
#include "support/temp_dir.h"

namespace shimmy::pull {
namespace {

namespace fs = std::filesystem;

class RemovalTest : public testing::Test {
 protected:
  fs::path add(const std::string& name) { return temp_.write("models/" + name, "x"); }

  void remove(const std::string& model) {
    ASSERT_TRUE(remove_files(files_of(directory_ / model), directory_));
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(temp_.path())) {
      names.push_back(entry.path().lexically_relative(temp_.path()));
    }
    std::ranges::sort(names);
    return names;
  }
  using Names = std::vector<std::string>;

  const support::TempDir temp_;
  const fs::path directory_ = temp_.path() / "models";
};

TEST_F(RemovalTest, TakesEverythingThatBelongsToAModel) {
  const fs::path model = add("org/repo/q/m-00001-of-00002.gguf");
  add("org/repo/q/m-00002-of-00002.gguf");
  add("org/repo/q/m-00002-of-00002.gguf.part");
  add("org/repo/q/m-00002-of-00002.gguf.part.json");
  add("org/repo/q/mmproj.gguf");
  ASSERT_TRUE(write_origin(model, {"r", {}, {{"m-00001-of-00002.gguf"}, {"mmproj.gguf"}}, {}}));
  remove("org/repo/q/m-00001-of-00002.gguf");
  EXPECT_EQ(names(), Names{"models"});
}

TEST_F(RemovalTest, LeavesOtherModelsAndTheirDirectories) {
  add("org/repo/a.gguf");
  add("org/repo/b.gguf");
  add("org/other/c.gguf");
  remove("org/repo/a.gguf");
  EXPECT_EQ(names(), (Names{"models", "models/org", "models/org/other", "models/org/other/c.gguf",
                            "models/org/repo", "models/org/repo/b.gguf"}));
}

TEST_F(RemovalTest, KeepsAProjectorThatAnotherModelWasPulledWith) {
  for (const std::string name : {"a.gguf", "b.gguf"}) {
    ASSERT_TRUE(write_origin(add(name), {"r", {}, {{name}, {"mmproj.gguf"}}, {}}));
  }
  add("mmproj.gguf");
  remove("a.gguf");
  EXPECT_EQ(names(),
            (Names{"models", "models/b.gguf", "models/b.gguf.origin.json", "models/mmproj.gguf"}));
  remove("b.gguf");
  EXPECT_EQ(names(), Names{"models"});
}

TEST_F(RemovalTest, IsNotLedElsewhereByARecord) {
  temp_.write("precious", "x");
  const fs::path model = add("m.gguf");
  ASSERT_TRUE(write_origin(
      model, {"r", {}, {{"../precious"}, {(temp_.path() / "precious").string()}, {".."}}, {}}));
  remove("m.gguf");
  EXPECT_EQ(names(), (Names{"models", "precious"}));
}

TEST_F(RemovalTest, RemovesALinkAndNotWhatItLeadsTo) {
  const fs::path precious = temp_.write("precious.gguf", "x");
  fs::create_directories(directory_);
  fs::create_symlink(precious, directory_ / "m.gguf");
  remove("m.gguf");
  EXPECT_EQ(names(), (Names{"models", "precious.gguf"}));
}

TEST_F(RemovalTest, FindsWhatUnfinishedPullsLeft) {
  add("org/repo/a.gguf.part");
  add("org/repo/b-00002-of-00003.gguf.part");
  add("org/repo/c.gguf");
  add("org/repo/c.gguf.part");
  const auto models = unfinished_models(directory_);
  ASSERT_EQ(models.size(), 2);
  EXPECT_TRUE(std::ranges::find(models, directory_ / "org/repo/a.gguf") != models.end());
  EXPECT_TRUE(std::ranges::find(models, directory_ / "org/repo/b-00001-of-00003.gguf") !=
              models.end());
  EXPECT_EQ(files_of(directory_ / "org/repo/a.gguf").size(), 1);
  EXPECT_TRUE(unfinished_models(temp_.path() / "nowhere").empty());
}

TEST_F(RemovalTest, KnowsWhatLiesInTheDirectory) {
  const fs::path inside = add("org/m.gguf");
  const fs::path outside = temp_.write("elsewhere/m.gguf", "x");
  EXPECT_TRUE(lies_in(inside, directory_));
  EXPECT_FALSE(lies_in(outside, directory_));
  EXPECT_FALSE(lies_in(directory_ / "../elsewhere/m.gguf", directory_));
  EXPECT_FALSE(lies_in(inside, {}));
  EXPECT_FALSE(lies_in(temp_.write("models2/m.gguf", "x"), directory_));
  fs::create_directory_symlink(temp_.path() / "elsewhere", directory_ / "link");
  EXPECT_FALSE(lies_in(directory_ / "link" / "m.gguf", directory_));
}

}  // namespace
}  // namespace shimmy::pull
