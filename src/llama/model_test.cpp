#include "llama/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "llama/shared_model_fixture.h"
#include "support/temp_dir.h"

namespace shimmy::llama {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

class ModelTest : public testing::Test {
 protected:
  void SetUp() override { shared_model(); }

  std::filesystem::path tiny() const { return support::write_tiny_model(directory_.path()); }

  support::TempDir directory_;
};

TEST_F(ModelTest, TellsItsFacts) {
  const ModelFacts& facts = shared_model()->facts();
  EXPECT_EQ(facts.architecture, "llama");
  EXPECT_THAT(facts.description, HasSubstr("llama"));
  EXPECT_THAT(facts.chat_template, HasSubstr("<|im_start|>"));
  EXPECT_EQ(facts.context_tokens, 2048);
  EXPECT_EQ(facts.embedding_size, 64);
  EXPECT_EQ(facts.layers, 2);
  EXPECT_GT(facts.parameters, 100'000U);
  EXPECT_GE(facts.size_bytes, facts.parameters);
  EXPECT_EQ(facts.window_tokens, 0);
  EXPECT_FALSE(facts.is_recurrent);
  EXPECT_FALSE(facts.is_hybrid);
  EXPECT_FALSE(facts.has_encoder);
  EXPECT_TRUE(facts.has_decoder);
}

TEST_F(ModelTest, TellsWhatKindOfMemoryItNeeds) {
  EXPECT_TRUE(shared_model(support::TinyArchitecture::Mamba)->facts().is_recurrent);
  EXPECT_EQ(shared_model(support::TinyArchitecture::Gemma2)->facts().window_tokens,
            support::kTinyWindow);
}

TEST_F(ModelTest, ReadsMetadataByKey) {
  EXPECT_EQ(shared_model()->metadata("general.name"), "tiny");
  EXPECT_EQ(shared_model()->metadata("llama.context_length"), "2048");
  EXPECT_EQ(shared_model()->metadata("no.such.key"), std::nullopt);
  EXPECT_EQ(shared_model()->metadata(""), std::nullopt);
}

TEST_F(ModelTest, ReportsRisingProgressUpToOne) {
  std::vector<float> shares;
  ModelOptions options;
  options.progress = [&](float share) {
    shares.push_back(share);
    return true;
  };
  ASSERT_TRUE(Model::load(tiny(), options).has_value());
  ASSERT_FALSE(shares.empty());
  EXPECT_TRUE(std::ranges::is_sorted(shares));
  EXPECT_EQ(shares.back(), 1.0F);
}

TEST_F(ModelTest, StopsLoadingWhenProgressSaysNo) {
  int calls = 0;
  ModelOptions options;
  options.progress = [&](float) { return ++calls < 2; };
  const auto model = Model::load(tiny(), options);
  ASSERT_FALSE(model.has_value());
  EXPECT_EQ(model.error().code, ErrorCode::Cancelled);
  EXPECT_EQ(calls, 2);
}

TEST_F(ModelTest, LoadsWithoutMmapAndWithCheckedTensors) {
  ModelOptions options;
  options.access = FileAccess::Read;
  options.check_tensors = true;
  EXPECT_TRUE(Model::load(tiny(), options).has_value());
}

TEST_F(ModelTest, LoadsByCopyingFromTheMapping) {
  std::vector<float> shares;
  ModelOptions options;
  options.access = FileAccess::MapToCopy;
  options.progress = [&](float share) {
    shares.push_back(share);
    return true;
  };
  const auto model = Model::load(tiny(), options);
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ((*model)->access(), FileAccess::MapToCopy);
  EXPECT_EQ(shares.back(), 1);
}

TEST_F(ModelTest, LoadsOnlyTheVocabularyWhenAsked) {
  ModelOptions options;
  options.vocabulary_only = true;
  const auto model = Model::load(tiny(), options);
  ASSERT_TRUE(model.has_value());
  EXPECT_FALSE((*model)->has_weights());
  EXPECT_GT((*model)->vocabulary().size(), 256U);
}

TEST_F(ModelTest, NamesAMissingFile) {
  const auto model = Model::load(directory_.path() / "none.gguf");
  ASSERT_FALSE(model.has_value());
  EXPECT_EQ(model.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_THAT(model.error().message, HasSubstr("none.gguf: No such file"));
}

TEST_F(ModelTest, RefusesADirectory) {
  const auto model = Model::load(directory_.path());
  ASSERT_FALSE(model.has_value());
  EXPECT_EQ(model.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_THAT(model.error().message, HasSubstr("not a file"));
}

TEST_F(ModelTest, FailsOnAnEmptyFile) {
  const auto model = Model::load(directory_.write("empty.gguf", ""));
  ASSERT_FALSE(model.has_value());
  EXPECT_EQ(model.error().code, ErrorCode::ModelLoadFailed);
}

TEST_F(ModelTest, QuotesWhatLibllamaSaysOfAGarbageFile) {
  const auto model = Model::load(directory_.write("garbage.gguf", std::string(10'000, 'x')));
  ASSERT_FALSE(model.has_value());
  EXPECT_EQ(model.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_THAT(model.error().message, HasSubstr("garbage.gguf"));
  EXPECT_THAT(model.error().details, HasSubstr("magic"));
}

TEST_F(ModelTest, FailsOnATruncatedFile) {
  const std::filesystem::path path = tiny();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  const auto model = Model::load(path);
  ASSERT_FALSE(model.has_value());
  EXPECT_EQ(model.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_FALSE(model.error().details.empty());
}

}  // namespace
}  // namespace shimmy::llama
