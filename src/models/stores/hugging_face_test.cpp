#include "models/stores/hugging_face.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/planted_stores.h"
#include "support/temp_dir.h"

namespace shimmy::models::stores {
namespace {

namespace fs = std::filesystem;
using support::plant_hub_revision;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HuggingFaceTest : public testing::Test {
 protected:
  StoreContents find() const { return hugging_face_store().find(temp_.path()); }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const FoundFile& file : find().files) result.push_back(file.name);
    return result;
  }

  const support::TempDir temp_;
};

TEST_F(HuggingFaceTest, NamesByRepositoryAndQuantization) {
  plant_hub_revision(temp_.path(), "org/Tiny-GGUF", "abc", {{"Tiny-Q4_K_M.gguf", "1"}});
  const StoreContents contents = find();
  ASSERT_EQ(contents.files.size(), 1U);
  EXPECT_EQ(contents.files[0].name, "org/Tiny-GGUF:Q4_K_M");
  EXPECT_THAT(contents.files[0].aliases,
              ElementsAre("org/Tiny-GGUF", "Tiny-Q4_K_M", "Tiny-GGUF:Q4_K_M"));
  EXPECT_TRUE(fs::is_regular_file(contents.files[0].path));
}

TEST_F(HuggingFaceTest, FindsQuantizationsInFolders) {
  plant_hub_revision(temp_.path(), "o/r", "abc",
                     {{"Q8_0/m-Q8_0.gguf", "8"}, {"BF16/m-BF16.gguf", "16"}});
  EXPECT_THAT(names(), ElementsAre("o/r:BF16", "o/r:Q8_0"));
}

TEST_F(HuggingFaceTest, TellsFilesOfOneQuantizationByTheirStems) {
  plant_hub_revision(temp_.path(), "o/r", "abc", {{"a-Q4_0.gguf", "a"}, {"b-Q4_0.gguf", "b"}});
  EXPECT_THAT(names(), ElementsAre("o/r:a-Q4_0", "o/r:b-Q4_0"));
}

TEST_F(HuggingFaceTest, DoesNotCountProjectorsAsQuantizations) {
  plant_hub_revision(temp_.path(), "o/r", "abc", {{"m-F16.gguf", "a"}, {"mmproj-F16.gguf", "b"}});
  EXPECT_THAT(names(), Contains("o/r:F16"));
}

TEST_F(HuggingFaceTest, LeavesTheQuantizationToTheHeaderWhereTheNameHasNone) {
  plant_hub_revision(temp_.path(), "o/r", "abc", {{"model.gguf", "a"}});
  const StoreContents contents = find();
  ASSERT_EQ(contents.files.size(), 1U);
  EXPECT_EQ(contents.files[0].name, "o/r:");
  EXPECT_TRUE(contents.files[0].name_lacks_quantization);
}

TEST_F(HuggingFaceTest, TakesTheMainRevisionAndWhatItLacks) {
  plant_hub_revision(temp_.path(), "o/r", "old",
                     {{"m-Q4_0.gguf", "old 4"}, {"m-Q8_0.gguf", "old 8"}}, /*is_main=*/false);
  plant_hub_revision(temp_.path(), "o/r", "new", {{"m-Q4_0.gguf", "new 4"}});
  const StoreContents contents = find();
  ASSERT_EQ(contents.files.size(), 2U);
  EXPECT_EQ(contents.files[0].name, "o/r:Q4_0");
  EXPECT_THAT(contents.files[0].path.string(), HasSubstr("snapshots/new"));
  EXPECT_EQ(contents.files[1].name, "o/r:Q8_0");
  EXPECT_THAT(contents.files[1].path.string(), HasSubstr("snapshots/old"));
}

TEST_F(HuggingFaceTest, TakesTheNewestRevisionWithoutRefs) {
  const fs::path old = plant_hub_revision(temp_.path(), "o/r", "z", {{"m.gguf", "old"}}, false);
  plant_hub_revision(temp_.path(), "o/r", "a", {{"m.gguf", "new"}}, false);
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const StoreContents contents = find();
  ASSERT_EQ(contents.files.size(), 1U);
  EXPECT_THAT(contents.files[0].path.string(), HasSubstr("snapshots/a"));
}

TEST_F(HuggingFaceTest, IgnoresRefsThatAreNoNameOfARevision) {
  plant_hub_revision(temp_.path(), "o/r", "abc", {{"m-Q4_0.gguf", "a"}}, false);
  for (const std::string& ref : {std::string("../../.."), std::string(".."), std::string("/etc"),
                                 std::string(), std::string("a\0b", 3)}) {
    support::plant_file(temp_.path() / "models--o--r/refs/main", ref);
    EXPECT_THAT(names(), ElementsAre("o/r:Q4_0")) << ref;
  }
  support::plant_file(temp_.path() / "models--o--r/refs/main", std::string(1 << 20, 'x'));
  EXPECT_THAT(names(), ElementsAre("o/r:Q4_0"));
}

TEST_F(HuggingFaceTest, SkipsDownloadsThatAreNotDone) {
  plant_hub_revision(temp_.path(), "o/r", "abc", {{"m-Q4_0.gguf", "a"}});
  fs::remove_all(temp_.path() / "models--o--r/blobs");
  support::plant_file(temp_.path() / "models--o--r/blobs/123.incomplete", "half");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(HuggingFaceTest, SkipsWhatIsNoModelRepository) {
  support::plant_file(temp_.path() / "datasets--o--r/snapshots/abc/m.gguf", "a");
  support::plant_file(temp_.path() / ".locks/models--o--r/m.gguf", "a");
  support::plant_file(temp_.path() / "version.txt", "1");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(HuggingFaceTest, TakesMissingCacheAsEmpty) {
  const StoreContents contents = hugging_face_store().find(temp_.path() / "nothing");
  EXPECT_THAT(contents.files, IsEmpty());
  EXPECT_THAT(contents.problems, IsEmpty());
}

}  // namespace
}  // namespace shimmy::models::stores
