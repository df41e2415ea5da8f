#include "models/file_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> names(const Walk& walk) {
  std::vector<std::string> result;
  for (const fs::path& file : walk.files) result.push_back(file.filename().string());
  return result;
}

TEST(FileWalk, FindsModelsInSubdirectoriesSorted) {
  const support::TempDir temp;
  temp.write("b.gguf", "");
  temp.write("a/deep/c.GGUF", "");
  temp.write("a/readme.md", "");
  temp.write("z.gguf.part", "");
  const Walk walk = find_model_files(temp.path());
  EXPECT_THAT(names(walk), ElementsAre("c.GGUF", "b.gguf"));
  EXPECT_THAT(walk.problems, IsEmpty());
}

TEST(FileWalk, SkipsHiddenNames) {
  const support::TempDir temp;
  temp.write(".fetch.x/model.gguf", "");
  temp.write(".hidden.gguf", "");
  EXPECT_THAT(names(find_model_files(temp.path())), IsEmpty());
}

TEST(FileWalk, SearchesHiddenDirectoryThatWasAskedFor) {
  const support::TempDir temp;
  temp.write(".models/m.gguf", "");
  EXPECT_THAT(names(find_model_files(temp.path() / ".models")), ElementsAre("m.gguf"));
}

TEST(FileWalk, SurvivesLinkLoops) {
  const support::TempDir temp;
  temp.write("a/m.gguf", "");
  fs::create_directory_symlink("..", temp.path() / "a" / "up");
  fs::create_directory_symlink(".", temp.path() / "a" / "self");
  fs::create_symlink("loop.gguf", temp.path() / "loop.gguf");
  fs::create_symlink("nowhere.gguf", temp.path() / "dangling.gguf");
  EXPECT_THAT(names(find_model_files(temp.path())), ElementsAre("m.gguf"));
}

TEST(FileWalk, FollowsLinksToFilesAndDirectories) {
  const support::TempDir temp;
  const support::TempDir other;
  other.write("far/m.gguf", "");
  other.write("blob", "");
  fs::create_directory_symlink(other.path() / "far", temp.path() / "linked");
  fs::create_symlink(other.path() / "blob", temp.path() / "named.gguf");
  EXPECT_THAT(names(find_model_files(temp.path())), ElementsAre("m.gguf", "named.gguf"));
}

TEST(FileWalk, IgnoresDirectoryNamedLikeModel) {
  const support::TempDir temp;
  fs::create_directory(temp.path() / "folder.gguf");
  EXPECT_THAT(names(find_model_files(temp.path())), IsEmpty());
}

TEST(FileWalk, ReportsWhatIsTooDeep) {
  const support::TempDir temp;
  temp.write("1/2/3/m.gguf", "");
  const Walk walk = find_model_files(temp.path(), {.depth = 2, .entries = 100});
  EXPECT_THAT(names(walk), IsEmpty());
  EXPECT_THAT(walk.problems, ElementsAre(HasSubstr("1/2/3 is nested too deep")));
}

TEST(FileWalk, StopsAtTheBoundAndSaysSoOnce) {
  const support::TempDir temp;
  for (int i = 0; i < 20; ++i) temp.write(std::to_string(i) + "/m.gguf", "");
  const Walk walk = find_model_files(temp.path(), {.depth = 6, .entries = 10});
  EXPECT_LE(walk.files.size(), 10U);
  EXPECT_THAT(walk.problems, ElementsAre(HasSubstr("after 10 entries")));
}

TEST(FileWalk, TakesMissingDirectoryAsEmpty) {
  const Walk walk = find_model_files("/nowhere/at/all");
  EXPECT_THAT(walk.files, IsEmpty());
  EXPECT_THAT(walk.problems, IsEmpty());
}

TEST(FileWalk, ReportsDirectoryThatCannotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const support::TempDir temp;
  temp.write("locked/m.gguf", "");
  fs::permissions(temp.path() / "locked", fs::perms::none);
  const Walk walk = find_model_files(temp.path());
  fs::permissions(temp.path() / "locked", fs::perms::owner_all);
  EXPECT_THAT(walk.problems, ElementsAre(HasSubstr("Cannot read the directory")));
}

TEST(FileWalk, ReportsFileGivenAsDirectory) {
  const support::TempDir temp;
  EXPECT_THAT(find_model_files(temp.write("m.gguf", "")).problems,
              ElementsAre(HasSubstr("Not a directory")));
}

}  // namespace
}  // namespace shimmy::models
