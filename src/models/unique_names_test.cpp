#include "models/unique_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::models {
namespace {

using testing::ElementsAre;

std::vector<std::string> names(std::vector<NamedFile> files) { return unique_names(files); }

TEST(UniqueNames, LeavesDifferentNamesAlone) {
  EXPECT_THAT(names({{"a", "/m/a.gguf"}, {"b", "/m/b.gguf"}}), ElementsAre("a", "b"));
}

TEST(UniqueNames, AddsTheDirectoryWhereNamesAreTheSame) {
  EXPECT_THAT(names({{"a", "/work/a.gguf"}, {"b", "/work/b.gguf"}, {"a", "/home/a.gguf"}}),
              ElementsAre("a@work", "b", "a@home"));
}

TEST(UniqueNames, AddsMoreDirectoriesAsFarAsNeeded) {
  EXPECT_THAT(names({{"a", "/x/models/a.gguf"}, {"a", "/y/models/a.gguf"}}),
              ElementsAre("a@x/models", "a@y/models"));
}

TEST(UniqueNames, CopesWithOneDirectoryInsideTheOther) {
  EXPECT_THAT(names({{"a", "/m/a.gguf"}, {"a", "/m/m/a.gguf"}}), ElementsAre("a@m", "a@m/m"));
}

TEST(UniqueNames, UsesPathsWhereOnlyTheExtensionDiffers) {
  EXPECT_THAT(names({{"a", "/m/a.gguf"}, {"a", "/m/a.GGUF"}}),
              ElementsAre("/m/a.gguf", "/m/a.GGUF"));
}

TEST(UniqueNames, PrefersTheQualifierToTheDirectory) {
  EXPECT_THAT(names({{"a", "/x/sha256-1", "ollama"}, {"a", "/y/work/a.gguf"}}),
              ElementsAre("a@ollama", "a@work"));
  EXPECT_THAT(names({{"a", "/x/1", "jan"}, {"a", "/y/2", "jan"}}), ElementsAre("a@x", "a@y"));
}

TEST(UniqueNames, DoNotCollideWithNamesThatLookAlike) {
  EXPECT_THAT(names({{"a", "/x/home/a.gguf"}, {"a", "/work/a.gguf"}, {"a@home", "/a@home.gguf"}}),
              ElementsAre("a@x/home", "a@work", "a@home"));
}

TEST(UniqueNames, DoesNotDependOnOrder) {
  EXPECT_THAT(names({{"a", "/home/a.gguf"}, {"a", "/work/a.gguf"}}),
              ElementsAre("a@home", "a@work"));
}

TEST(UniqueNames, TakesNoFilesAtAll) { EXPECT_TRUE(names({}).empty()); }

}  // namespace
}  // namespace shimmy::models
