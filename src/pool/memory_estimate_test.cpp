#include "pool/memory_estimate.h"

#include <gtest/gtest.h>

namespace shimmy::pool {
namespace {

using generation::CacheType;

// Two layers of 64 values for each of key and value; small numbers that can be checked by hand.
MemoryShape attentive() {
  MemoryShape shape;
  shape.tensor_bytes = 10'000;
  shape.mapped_bytes = 9'000;
  shape.embedding_size = 8;
  shape.vocabulary_size = 100;
  shape.trained_context_tokens = 4096;
  shape.layers.assign(2, {.key_values = 64, .value_values = 64, .row_values = 1000});
  return shape;
}

TEST(MemoryEstimate, CountsKeysAndValuesOfEachCell) {
  const MemoryPlan plan{.context_tokens = 1024};
  EXPECT_EQ(estimate(attentive(), plan).kv_cache, 1024U * 2 * 128 * 2);
}

TEST(MemoryEstimate, TakesContextsInStepsOfLibllama) {
  EXPECT_EQ(estimate(attentive(), {.context_tokens = 1}).kv_cache,
            estimate(attentive(), {.context_tokens = 256}).kv_cache);
  EXPECT_LT(estimate(attentive(), {.context_tokens = 256}).kv_cache,
            estimate(attentive(), {.context_tokens = 257}).kv_cache);
}

TEST(MemoryEstimate, KnowsTheSizeOfEachCacheType) {
  const auto bytes = [](CacheType type) {
    return estimate(attentive(), {.context_tokens = 256, .key_type = type, .value_type = type})
        .kv_cache;
  };
  constexpr std::uint64_t values = 256ULL * 2 * 128;
  EXPECT_EQ(bytes(CacheType::F32), values * 4);
  EXPECT_EQ(bytes(CacheType::F16), values * 2);
  EXPECT_EQ(bytes(CacheType::Bf16), values * 2);
  EXPECT_EQ(bytes(CacheType::Q80), values / 32 * 34);
  EXPECT_EQ(bytes(CacheType::Q51), values / 32 * 24);
  EXPECT_EQ(bytes(CacheType::Q50), values / 32 * 22);
  EXPECT_EQ(bytes(CacheType::Q41), values / 32 * 20);
  EXPECT_EQ(bytes(CacheType::Q40), values / 32 * 18);
}

TEST(MemoryEstimate, KeysAndValuesMayDifferInType) {
  const auto mixed = estimate(attentive(), {.context_tokens = 256, .key_type = CacheType::Q80});
  EXPECT_EQ(mixed.kv_cache, 256U * 2 * (64 / 32 * 34 + 64 * 2));
}

TEST(MemoryEstimate, AStateIsKeptForEachSequenceWhateverTheContext) {
  MemoryShape shape = attentive();
  shape.layers.assign(3, {.state_values = 500, .window_values = 20});
  const MemoryPlan plan{.context_tokens = 256, .sequences = 4};
  EXPECT_EQ(estimate(shape, plan).kv_cache, 3U * 520 * 4 * 4);
  EXPECT_EQ(estimate(shape, {.context_tokens = 100'000, .sequences = 4}).kv_cache,
            3U * 520 * 4 * 4);
}

TEST(MemoryEstimate, ComputesTheLargestLayerTheMaskAndTheLogits) {
  const MemoryPlan plan{.context_tokens = 1024, .sequences = 2, .batch_rows = 128};
  EXPECT_EQ(estimate(attentive(), plan).compute, 1000U * 128 * 4 + 1024 * 128 * 2 + 2 * 100 * 4);
}

TEST(MemoryEstimate, AWindowNeedsAMaskOfItsOwn) {
  MemoryShape shape = attentive();
  const MemoryPlan plan{.context_tokens = 1024, .batch_rows = 128};
  const auto one = estimate(shape, plan).compute;
  shape.has_window = true;
  EXPECT_EQ(estimate(shape, plan).compute, one + 1024 * 128 * 2);
}

TEST(MemoryEstimate, ALargeVocabularyOutweighsTheLayers) {
  MemoryShape shape = attentive();
  shape.vocabulary_size = 1'000'000;
  const MemoryPlan plan{.context_tokens = 256, .sequences = 16, .batch_rows = 64};
  EXPECT_EQ(estimate(shape, plan).compute, 2U * 16 * 1'000'000 * 4 + 8 * (64 + 16) * 4);
}

TEST(MemoryEstimate, RowsAreNoMoreThanTheContext) {
  EXPECT_EQ(estimate(attentive(), {.context_tokens = 256, .batch_rows = 512}).compute,
            estimate(attentive(), {.context_tokens = 256, .batch_rows = 256}).compute);
}

TEST(MemoryEstimate, MappedWeightsCount) {
  EXPECT_EQ(estimate(attentive(), {.mmap = true}).weights, 9'000U);
  EXPECT_EQ(estimate(attentive(), {.mmap = false}).weights, 10'000U);
}

TEST(MemoryEstimate, AFewRepackedWeightsComeOnTop) {
  MemoryShape shape = attentive();
  shape.repacked_bytes = 100;
  EXPECT_TRUE(is_worth_mapping(shape));
  EXPECT_EQ(estimate(shape, {.mmap = true}).weights, 9'100U);
}

TEST(MemoryEstimate, AFileThatIsMostlyRepackedIsNotMapped) {
  MemoryShape shape = attentive();
  shape.repacked_bytes = 8'000;
  shape.twice_bytes = 500;
  EXPECT_FALSE(is_worth_mapping(shape));
  EXPECT_EQ(estimate(shape, {.mmap = true}).weights, 10'500U);
}

TEST(MemoryEstimate, TheLargestContextFitsAndTheNextDoesNot) {
  const MemoryShape shape = attentive();
  MemoryPlan plan{.sequences = 1, .batch_rows = 16};
  const std::uint64_t bytes = 1'000'000;
  const std::size_t largest = largest_context(shape, plan, bytes, 100'000);
  ASSERT_GT(largest, 0U);
  plan.context_tokens = largest;
  EXPECT_LE(estimate(shape, plan).total(), bytes);
  plan.context_tokens = largest + 256;
  EXPECT_GT(estimate(shape, plan).total(), bytes);
}

TEST(MemoryEstimate, TheLargestContextIsNoneWhereTheWeightsDoNotFit) {
  EXPECT_EQ(largest_context(attentive(), {}, 5'000, 4096), 0U);
}

TEST(MemoryEstimate, TheLargestContextEndsAtTheLongest) {
  EXPECT_EQ(largest_context(attentive(), {}, 1ULL << 40U, 4096), 4096U);
  EXPECT_EQ(largest_context(attentive(), {}, 1ULL << 40U, 1000), 1000U);
}

}  // namespace
}  // namespace shimmy::pool
