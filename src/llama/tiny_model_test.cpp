#include "support/tiny_model.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "llama/context.h"
#include "llama/shared_model_fixture.h"
#include "support/temp_dir.h"

namespace shimmy::llama {
namespace {

using support::TinyArchitecture;
using support::TinyModelOptions;
using support::TinyWeights;
using support::write_tiny_model;

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

TEST(TinyModel, IsTheSameBytesEachTime) {
  const support::TempDir directory;
  const std::string first = bytes_of(write_tiny_model(directory.path()));
  const std::string second = bytes_of(write_tiny_model(directory.path()));
  EXPECT_EQ(first, second);
  EXPECT_LT(first.size(), 2'000'000U);
}

TEST(TinyModel, ChangesWithItsSeed) {
  const support::TempDir directory;
  TinyModelOptions options;
  const std::string first = bytes_of(write_tiny_model(directory.path(), options));
  options.seed = 2;
  EXPECT_NE(first, bytes_of(write_tiny_model(directory.path(), options)));
}

TEST(TinyModel, HasAVocabularyWithoutDoubles) {
  const support::TinyVocabulary& vocabulary = support::tiny_vocabulary();
  const std::set<std::string> distinct(vocabulary.tokens.begin(), vocabulary.tokens.end());
  EXPECT_EQ(distinct.size(), vocabulary.tokens.size());
  EXPECT_EQ(vocabulary.types.size(), vocabulary.tokens.size());
  EXPECT_GT(vocabulary.merges.size(), 100U);
}

TEST(TinyModel, TakesNameAndContextFromItsOptions) {
  const support::TempDir directory;
  TinyModelOptions options;
  options.name = "other";
  options.context_tokens = 512;
  options.chat_template = false;
  const std::filesystem::path path = write_tiny_model(directory.path(), options);
  EXPECT_EQ(path.filename(), "other.gguf");
  shared_model();
  const auto model = Model::load(path);
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ((*model)->facts().context_tokens, 512);
  EXPECT_EQ((*model)->facts().chat_template, "");
  EXPECT_EQ((*model)->metadata("general.name"), "other");
}

class TinyWeightsTest : public testing::TestWithParam<TinyWeights> {};

TEST_P(TinyWeightsTest, LoadAndCompute) {
  shared_model();
  const support::TempDir directory;
  TinyModelOptions options;
  options.weights = GetParam();
  const auto model = Model::load(write_tiny_model(directory.path(), options));
  ASSERT_TRUE(model.has_value());
  const auto context = Context::create(*model, nullptr, {});
  ASSERT_TRUE(context.has_value());
  ASSERT_EQ((*context)->decode(prompt_batch(some_tokens(8))), DecodeStatus::Done);
  const std::span<const float> logits = (*context)->logits(7);
  ASSERT_FALSE(logits.empty());
  const std::set<float> distinct(logits.begin(), logits.end());
  EXPECT_GT(distinct.size(), logits.size() / 2);
}

INSTANTIATE_TEST_SUITE_P(All, TinyWeightsTest,
                         testing::Values(TinyWeights::F32, TinyWeights::F16, TinyWeights::Q80,
                                         TinyWeights::Q40));

TEST(TinyModel, CannotBeWrittenWhereThereIsNoDirectory) {
  EXPECT_THROW(write_tiny_model("/nowhere/at/all"), std::runtime_error);
}

}  // namespace
}  // namespace shimmy::llama
