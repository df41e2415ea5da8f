#include "models/file_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "models/catalog.h"
#include "support/gguf_writer.h"
#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

class FileFactsTest : public testing::Test {
 protected:
  base::Result<FileFacts> facts(std::string_view bytes) const {
    return read_file_facts(temp_.write("m.gguf", bytes));
  }

  const support::TempDir temp_;
};

TEST_F(FileFactsTest, ComeFromTheHeader) {
  const auto found = facts(support::small_model().bytes());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->kind, FileKind::Model);
  EXPECT_EQ(found->architecture, "llama");
  EXPECT_GT(found->parameters, 0U);
  EXPECT_GT(found->context_tokens, 0U);
  EXPECT_TRUE(found->has_chat_template);
}

TEST_F(FileFactsTest, KnowAdapters) {
  const auto found = facts(support::GgufWriter()
                               .text("general.type", "adapter")
                               .text("general.architecture", "llama")
                               .text("adapter.type", "lora")
                               .f32("adapter.lora.alpha", 1)
                               .bytes());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->kind, FileKind::Adapter);
  EXPECT_EQ(found->kind_word, "an adapter");
}

TEST_F(FileFactsTest, KnowProjectors) {
  const auto found = facts(support::GgufWriter()
                               .text("general.architecture", "clip")
                               .text("general.basename", "gemma")
                               .u32("clip.vision.projection_dim", 2560)
                               .bytes());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->kind, FileKind::Projector);
  EXPECT_EQ(found->base_name, "gemma");
  EXPECT_EQ(found->embedding_size, 2560U);
}

TEST_F(FileFactsTest, KnowTheBaseOfAnAdapter) {
  const auto found = facts(support::GgufWriter()
                               .text("general.type", "adapter")
                               .text("general.architecture", "llama")
                               .text("general.basename", "my-tune")
                               .text("general.base_model.0.name", "Llama 3")
                               .bytes());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->base_name, "Llama 3");
}

TEST_F(FileFactsTest, ReadHeadersOfAnyLength) {
  for (const std::size_t length : {std::size_t{1} << 20, std::size_t{9} << 20}) {
    const auto found =
        facts(support::small_model().text("filler", std::string(length, 'x')).bytes());
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->title, "Small Model");
  }
}

TEST_F(FileFactsTest, RefuseTheRestOfALongFileWithoutReadingAll) {
  std::string bytes = support::small_model().header_bytes();
  bytes.resize(bytes.size() / 2);
  const auto file = temp_.write("m.gguf", bytes);
  std::filesystem::resize_file(file, std::uintmax_t{1} << 40);  // sparse: a terabyte of zeros
  const auto found = read_file_facts(file);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("cannot be used as a model"));
}

TEST_F(FileFactsTest, RefuseImageAndNameTheFile) {
  const auto found = facts("\xff\xd8\xff\xe0 JFIF");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_THAT(found.error().message, testing::AllOf(HasSubstr("m.gguf"), HasSubstr("JPEG image")));
}

TEST_F(FileFactsTest, RefuseTruncatedAndEmptyFiles) {
  const std::string whole = support::small_model().bytes();
  for (const std::size_t length : {std::size_t{0}, std::size_t{3}, whole.size() / 2}) {
    const auto found = facts(std::string_view(whole).substr(0, length));
    ASSERT_FALSE(found) << length;
    EXPECT_EQ(found.error().code, ErrorCode::ModelLoadFailed);
  }
}

TEST_F(FileFactsTest, RefuseUnreadableFile) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const auto file = temp_.write("locked.gguf", support::small_model().bytes());
  std::filesystem::permissions(file, std::filesystem::perms::none);
  const auto found = read_file_facts(file);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("locked.gguf"));
}

TEST_F(FileFactsTest, FillTheCatalog) {
  temp_.write("good.gguf", support::small_model().bytes());
  temp_.write("photo.gguf", "\xff\xd8\xff\xe0 JFIF");
  const std::vector<ModelDir> dirs{{temp_.path(), "test"}};
  const Catalog catalog = Catalog::scan(dirs);
  ASSERT_EQ(catalog.entries().size(), 1U);
  EXPECT_EQ(catalog.entries()[0].name, "good");
  EXPECT_EQ(catalog.entries()[0].architecture, "llama");
  ASSERT_EQ(catalog.broken().size(), 1U);
  EXPECT_EQ(catalog.broken()[0].name, "photo");
}

}  // namespace
}  // namespace shimmy::models
