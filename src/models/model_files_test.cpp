#include "models/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::models {
namespace {

using testing::ElementsAre;

TEST(ModelFiles, OfAPlainNameAreThatFile) {
  EXPECT_THAT(files_of({.path = "/m/phi.gguf"}), ElementsAre("/m/phi.gguf"));
}

TEST(ModelFiles, OfAShardAreAllThatItsNameTells) {
  EXPECT_THAT(files_of({.path = "/m/phi-00001-of-00002.gguf"}),
              ElementsAre("/m/phi-00001-of-00002.gguf", "/m/phi-00002-of-00002.gguf"));
  EXPECT_THAT(named_shards("phi-00002-of-00002.gguf"),
              ElementsAre("phi-00001-of-00002.gguf", "phi-00002-of-00002.gguf"));
}

TEST(ModelFiles, AreThoseThatAStoreNames) {
  EXPECT_THAT(files_of({.path = "/b/1", .more_files = {"/b/2", "/b/3"}}),
              ElementsAre("/b/1", "/b/2", "/b/3"));
}

}  // namespace
}  // namespace shimmy::models
