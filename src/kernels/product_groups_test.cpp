#include "kernels/product_groups.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernels/product_graph_fixture.h"

namespace shimmy::kernels {
namespace {

class ProductGroups : public ProductGraph {};

Floats doubled(Floats values) {
  for (float& value : values) value *= 2;
  return values;
}

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

// A product whose memory is in use until just before it cannot be computed early.
TEST(GroupPlanner, LeavesAProductAloneWhoseMemoryIsStillInUse) {
  TensorSet weights(ggml_backend_cpu_buffer_type());
  ggml_tensor* first_weights = weights.add(GGML_TYPE_Q4_1, {kValues, 32});
  ggml_tensor* second_weights = weights.add(GGML_TYPE_Q4_1, {kValues, 32});
  weights.allocate();
  TensorSet nodes(ggml_backend_cpu_buffer_type());
  ggml_tensor* x = nodes.add(GGML_TYPE_F32, {kValues, 1});
  ggml_tensor* first = ggml_mul_mat(nodes.context(), first_weights, x);
  ggml_tensor* between = ggml_scale(nodes.context(), first, 2);
  ggml_tensor* second = ggml_mul_mat(nodes.context(), second_weights, x);
  nodes.allocate();
  for (ggml_tensor* node : {first, between, second}) node->flags |= GGML_TENSOR_FLAG_COMPUTE;
  const auto joins_with = [&](void* memory) {
    second->data = memory;
    GroupPlanner planner;
    planner.add(first, GroupPlanner::Kind::Product);
    planner.add(between, GroupPlanner::Kind::Other);
    planner.add(second, GroupPlanner::Kind::Product);
    return group_of(*first)->count == 2;
  };
  void* const own = second->data;
  EXPECT_FALSE(joins_with(between->data));
  EXPECT_NE(second->flags & GGML_TENSOR_FLAG_COMPUTE, 0);
  EXPECT_TRUE(joins_with(own));
  EXPECT_EQ(second->flags & GGML_TENSOR_FLAG_COMPUTE, 0);
}

}  // namespace
}  // namespace shimmy::kernels
