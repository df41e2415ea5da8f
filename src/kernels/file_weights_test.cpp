#include "kernels/file_weights.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace shimmy::kernels {
namespace {

using Sizes = std::vector<std::uint64_t>;

bool is_taken(std::string_view name, ggml_type type, const Sizes& sizes) {
  return kernels::is_taken(name, static_cast<std::uint32_t>(type), sizes);
}

TEST(FileWeights, MatricesOfTypesWithAKernelAreTaken) {
  EXPECT_TRUE(is_taken("blk.0.attn_q.weight", GGML_TYPE_Q4_K, {256, 33}));
  EXPECT_TRUE(is_taken("blk.0.ffn_up_exps.weight", GGML_TYPE_Q8_0, {64, 32, 8}));
  EXPECT_TRUE(is_taken("output.weight", GGML_TYPE_F16, {64, 1000}));
  EXPECT_FALSE(is_taken("blk.0.ffn_gate_inp.weight", GGML_TYPE_F32, {64, 8}));
  EXPECT_FALSE(is_taken("blk.0.attn_q.weight", GGML_TYPE_IQ1_S, {256, 32}));
}

TEST(FileWeights, OfTheTablesOnlyTheEmbeddingIsTaken) {
  EXPECT_TRUE(is_taken("token_embd.weight", GGML_TYPE_Q8_0, {64, 1000}));
  EXPECT_FALSE(is_taken("position_embd.weight", GGML_TYPE_F16, {64, 1000}));
  EXPECT_FALSE(is_taken("per_layer_token_embd.weight", GGML_TYPE_Q8_0, {64, 1000}));
  EXPECT_FALSE(is_taken("token_types.weight", GGML_TYPE_F16, {64, 2}));
}

TEST(FileWeights, VectorsAndOddRowsAreNotTaken) {
  EXPECT_FALSE(is_taken("output_norm.weight", GGML_TYPE_F16, {64}));
  EXPECT_FALSE(is_taken("blk.0.attn_q.weight", GGML_TYPE_F16, {48, 32}));
  EXPECT_FALSE(is_taken("blk.0.attn_q.weight", GGML_TYPE_F16, {0, 32}));
  EXPECT_FALSE(is_taken("blk.0.attn_q.weight", GGML_TYPE_F16, {}));
}

TEST(FileWeights, NumbersThatAreNoTypeAreNotTaken) {
  const Sizes sizes{256, 32};
  EXPECT_FALSE(kernels::is_taken("a.weight", GGML_TYPE_COUNT, sizes));
  EXPECT_FALSE(kernels::is_taken("a.weight", std::numeric_limits<std::uint32_t>::max(), sizes));
}

}  // namespace
}  // namespace shimmy::kernels
