#include "kernels/product_groups.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernels/product_graph_fixture.h"

namespace shimmy::kernels {
namespace {

class ProductGroups : public ProductGraph {};

// As for Q, K and V: something is done with a product before the next one comes.
TEST_F(ProductGroups, TakeProductsOfTheSameActivationsTogether) {
  for (const std::int64_t columns : {1, 3, 7, 40}) {
    SCOPED_TRACE(columns);
    start_over();
    ggml_tensor* x = input(columns);
    ggml_tensor* q = matrix(64);
    ggml_tensor* k = matrix(40);
    ggml_tensor* v = matrix(23);
    ggml_tensor* scaled = ggml_scale(context(), ggml_mul_mat(context(), q, x), 2);
    ggml_tensor* second = ggml_scale(context(), ggml_mul_mat(context(), k, x), 2);
    ggml_tensor* third = ggml_mul_mat(context(), v, x);
    prepare({scaled, second, third});
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(read_floats(scaled), doubled(alone(q)));
    EXPECT_EQ(read_floats(second), doubled(alone(k)));
    EXPECT_EQ(read_floats(third), alone(v));
  }
}

TEST_F(ProductGroups, AreTheSameForAnyNumberOfThreads) {
  ggml_tensor* x = input(2);
  ggml_tensor* first = ggml_mul_mat(context(), matrix(64), x);
  ggml_tensor* second = ggml_mul_mat(context(), matrix(48), x);
  prepare({first, second});
  run(1);
  const Floats expected = read_floats(second);
  for (const int threads : {2, 3}) {
    run(threads);
    EXPECT_EQ(read_floats(second), expected);
  }
}

TEST_F(ProductGroups, ComputeAGatedUnitWithItsProducts) {
  for (const ggml_glu_op kind : {GGML_GLU_OP_SWIGLU, GGML_GLU_OP_GEGLU}) {
    for (const std::int64_t columns : {1, 4, 33}) {
      SCOPED_TRACE(columns);
      start_over();
      ggml_tensor* x = input(columns);
      ggml_tensor* gate = matrix(100, WeightType::Q4K);
      ggml_tensor* up = matrix(100, WeightType::Q4K);
      ggml_tensor* unit = ggml_glu_split(context(), ggml_mul_mat(context(), gate, x),
                                         ggml_mul_mat(context(), up, x), kind);
      prepare({unit});
      EXPECT_EQ(run(), 1U);
      EXPECT_EQ(read_floats(unit), unit_alone(gate, up, kind));
    }
  }
}

// llama.cpp runs a graph again as long as its shape stays.
TEST_F(ProductGroups, ServeAGraphThatIsRunAgain) {
  const auto [gate, up, gate_product, unit] = gated_unit();
  prepare({unit});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(read_floats(unit), unit_alone(gate, up, GGML_GLU_OP_SWIGLU));
    columns_ = random_floats(columns_.size(), random_);
  }
}

TEST_F(ProductGroups, KeepAProductThatSomebodyElseReads) {
  const auto [gate, up, gate_product, unit] = gated_unit();
  ggml_tensor* reader = ggml_add(context(), unit, ggml_reshape_1d(context(), gate_product, 64));
  prepare({reader});
  run();
  Floats expected = unit_alone(gate, up, GGML_GLU_OP_SWIGLU);
  const Floats gate_values = alone(gate);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += gate_values[i];
  EXPECT_EQ(read_floats(reader), expected);
}

TEST_F(ProductGroups, KeepAProductThatIsAResult) {
  const auto [gate, up, gate_product, unit] = gated_unit();
  prepare({gate_product, unit});
  run();
  EXPECT_EQ(read_floats(gate_product), alone(gate));
  EXPECT_EQ(read_floats(unit), unit_alone(gate, up, GGML_GLU_OP_SWIGLU));
}

TEST_F(ProductGroups, LeaveProductsOfOtherActivationsAlone) {
  ggml_tensor* x = input(1);
  ggml_tensor* first = ggml_mul_mat(context(), matrix(kValues), x);
  ggml_tensor* second = ggml_mul_mat(context(), matrix(32), first);
  prepare({second});
  EXPECT_EQ(run(), 0U);
}

// As in a file of Q4_K_M.
TEST_F(ProductGroups, TakeProductsTogetherWhoseActivationsAreRoundedDifferently) {
  ggml_tensor* x = input(1);
  ggml_tensor* quantised = matrix(32, WeightType::Q41);
  ggml_tensor* floats = matrix(32, WeightType::F16);
  ggml_tensor* first = ggml_mul_mat(context(), quantised, x);
  ggml_tensor* second = ggml_mul_mat(context(), floats, x);
  prepare({first, second});
  EXPECT_EQ(run(), 1U);
  EXPECT_EQ(read_floats(first), alone(quantised));
  EXPECT_EQ(read_floats(second), alone(floats));
}

// Queries of a prompt, from a product, look at keys and values of a cache.
TEST_F(ProductGroups, HaveExactAttentionBesideThemWhereTheyMultiplyFloats) {
  if (supported_levels().back() != CpuLevel::Avx512Bf16) GTEST_SKIP() << "no CPU for it";
  constexpr std::int64_t kTokens = 64;
  constexpr std::int64_t kHead = 64;
  for (const WeightType type : {WeightType::F16, WeightType::Q41}) {
    start_over();
    ggml_tensor* heads =
        ggml_reshape_3d(context(), ggml_mul_mat(context(), matrix(2 * kHead, type), input(kTokens)),
                        kHead, 2, kTokens);
    const auto cache = [&] {
      std::vector<ggml_fp16_t> halves;
      for (const float value : random_floats(kHead * kTokens * 2, random_))
        halves.push_back(ggml_fp32_to_fp16(value));
      return input_of(GGML_TYPE_F16, {kHead, kTokens, 2}, halves);
    };
    ggml_tensor* keys = cache();
    ggml_tensor* result = ggml_flash_attn_ext(context(), ggml_permute(context(), heads, 0, 2, 1, 3),
                                              keys, cache(), nullptr, 0.125F, 0, 0);
    prepare({result});
    use_level(CpuLevel::Avx512Vnni);
    run();
    const Floats exact = read_floats(result);
    use_level(CpuLevel::Avx512Bf16);
    run();
    EXPECT_EQ(read_floats(result) == exact, type == WeightType::F16);
  }
}

}  // namespace
}  // namespace shimmy::kernels
