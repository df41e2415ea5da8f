#include "models/stores/jan_imports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temp_dir.h"

namespace shimmy::models::stores {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class JanImportsTest : public testing::Test {
 protected:
  StoreContents imports() const {
    StoreContents contents;
    add_jan_imports(temp_.path() / "models", contents);
    return contents;
  }

  void describe(const std::string& name, const std::string& yaml) const {
    temp_.write("models/" + name + "/model.yml", yaml);
  }

  const support::TempDir temp_;
};

TEST_F(JanImportsTest, NamesFilesElsewhereByTheirDirectory) {
  const auto file = temp_.write("far/m.gguf", "x");
  const auto eyes = temp_.write("far/eyes.gguf", "x");
  describe("my/model",
           "name: x\nmodel_path: " + file.string() + "\nmmproj_path: '" + eyes.string() + "'\n");
  const StoreContents contents = imports();
  ASSERT_EQ(contents.files.size(), 1U);
  EXPECT_EQ(contents.files[0].name, "my/model");
  EXPECT_EQ(contents.files[0].path, file);
  EXPECT_EQ(contents.files[0].projector, eyes);
}

TEST_F(JanImportsTest, LeavesItsOwnFilesToTheWalk) {
  describe("own", "model_path: llamacpp/models/own/model.gguf\n");
  EXPECT_THAT(imports().files, IsEmpty());
}

TEST_F(JanImportsTest, TakesNothingButModelFiles) {
  describe("passwd", "model_path: /etc/passwd\n");
  describe("none", "size_bytes: 7\n");
  describe("large", "model_path: /x.gguf\n" + std::string(1 << 20, '#'));
  ASSERT_EQ(mkfifo((temp_.path() / "models/none/model.yaml").c_str(), 0600), 0);
  EXPECT_THAT(imports().files, IsEmpty());
  EXPECT_THAT(imports().broken, IsEmpty());
}

TEST_F(JanImportsTest, NeverWaitsForAPipe) {
  describe("pipe/x", "");
  ASSERT_EQ(mkfifo((temp_.path() / "models/pipe/model.yml").c_str(), 0600), 0);
  EXPECT_THAT(imports().files, IsEmpty());
}

TEST_F(JanImportsTest, ReportsFilesThatAreGone) {
  describe("gone", "model_path: /nowhere/m.gguf\n");
  const StoreContents contents = imports();
  ASSERT_EQ(contents.broken.size(), 1U);
  EXPECT_EQ(contents.broken[0].name, "gone");
  EXPECT_THAT(contents.broken[0].reason, HasSubstr("/nowhere/m.gguf, which does not exist"));
}

TEST(YamlText, IsTheValueOfAKeyAtTheMargin) {
  EXPECT_EQ(yaml_text("a: 1\nkey: v w \r\n", "key"), "v w");
  EXPECT_EQ(yaml_text("key: \"v\"", "key"), "v");
  EXPECT_EQ(yaml_text("key: ", "key"), "");
  EXPECT_EQ(yaml_text("key:", "key"), "");
  EXPECT_EQ(yaml_text("key: '", "key"), "'");
  for (const char* yaml : {"", "key", "keys: v", " key: v", "# key: v", "x: key: v"}) {
    EXPECT_EQ(yaml_text(yaml, "key"), "") << yaml;
  }
}

}  // namespace
}  // namespace shimmy::models::stores
