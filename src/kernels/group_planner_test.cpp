#include "kernels/group_planner.h"

#include <gtest/gtest.h>

#include "kernels/ggml_types.h"
#include "kernels/graph_fixture.h"
#include "kernels/graph_nodes.h"

namespace shimmy::kernels {
namespace {

// Two products of the same activations, and a node between them. Nothing is computed.
class GroupPlannerTest : public testing::Test {
 protected:
  static constexpr std::int64_t kValues = 256;

  void make_nodes(WeightType of_first = WeightType::Q41, WeightType of_second = WeightType::Q41) {
    weights_ = TensorSet(ggml_backend_cpu_buffer_type());
    ggml_tensor* first_weights = weights_.add(type_of_ggml(of_first), {kValues, 32});
    ggml_tensor* second_weights = weights_.add(type_of_ggml(of_second), {kValues, 32});
    weights_.allocate();
    nodes_ = TensorSet(ggml_backend_cpu_buffer_type());
    ggml_tensor* x = nodes_.add(GGML_TYPE_F32, {kValues, 1});
    first_ = ggml_mul_mat(nodes_.context(), first_weights, x);
    between_ = ggml_scale(nodes_.context(), first_, 2);
    second_ = ggml_mul_mat(nodes_.context(), second_weights, x);
    nodes_.allocate();
    for (ggml_tensor* node : {first_, between_, second_}) node->flags |= GGML_TENSOR_FLAG_COMPUTE;
  }

  void plan(GroupPlanner& planner) {
    planner.add(first_, GroupPlanner::Kind::Product);
    planner.add(between_, GroupPlanner::Kind::Other);
    planner.add(second_, GroupPlanner::Kind::Product);
  }

  TensorSet weights_{ggml_backend_cpu_buffer_type()};
  TensorSet nodes_{ggml_backend_cpu_buffer_type()};
  ggml_tensor* first_ = nullptr;
  ggml_tensor* between_ = nullptr;
  ggml_tensor* second_ = nullptr;
};

// A product whose memory is in use until just before it cannot be computed early.
TEST_F(GroupPlannerTest, LeavesAProductAloneWhoseMemoryIsStillInUse) {
  make_nodes();
  const auto joins_with = [&](void* memory) {
    second_->data = memory;
    GroupPlanner planner;
    plan(planner);
    return group_of(*first_)->count == 2;
  };
  void* const own = second_->data;
  EXPECT_FALSE(joins_with(between_->data));
  EXPECT_TRUE(is_computed(*second_));
  EXPECT_TRUE(joins_with(own));
  EXPECT_FALSE(is_computed(*second_));
}

TEST_F(GroupPlannerTest, BeginsAnewAfterARun) {
  make_nodes();
  GroupPlanner planner;
  plan(planner);
  ASSERT_FALSE(is_computed(*second_));
  planner.finish();
  planner.add(second_, GroupPlanner::Kind::Product);
  EXPECT_TRUE(is_computed(*second_));
  EXPECT_EQ(planner.last_group(), group_of(*second_));
  EXPECT_EQ(planner.last_group()->count, 1U);
}

TEST_F(GroupPlannerTest, ComputesAProductThatCannotBeGroupedByItself) {
  make_nodes();
  GroupPlanner planner;
  planner.add(first_, GroupPlanner::Kind::Product);
  planner.add(second_, GroupPlanner::Kind::LoneProduct);
  EXPECT_TRUE(is_computed(*second_));
  EXPECT_NE(group_of(*second_), group_of(*first_));
  EXPECT_TRUE(group_of(*second_)->is_alone());
}

TEST_F(GroupPlannerTest, NamesTheGroupOfTheLastProducts) {
  make_nodes();
  GroupPlanner planner;
  EXPECT_EQ(planner.last_group(), nullptr);
  planner.add(first_, GroupPlanner::Kind::Product);
  planner.add(between_, GroupPlanner::Kind::Other);
  EXPECT_EQ(planner.last_group(), group_of(*first_));
}

TEST_F(GroupPlannerTest, MultipliesFloatsWhereAllWeightsAreFloats) {
  const auto multiplies_floats = [&](WeightType of_first, WeightType of_second) {
    make_nodes(of_first, of_second);
    GroupPlanner planner;
    plan(planner);
    EXPECT_EQ(planner.last_group()->count, 2U);
    return planner.last_group()->multiplies_floats();
  };
  EXPECT_TRUE(multiplies_floats(WeightType::F16, WeightType::F16));
  EXPECT_TRUE(multiplies_floats(WeightType::Bf16, WeightType::F16));
  EXPECT_FALSE(multiplies_floats(WeightType::F16, WeightType::Q41));
  EXPECT_FALSE(multiplies_floats(WeightType::Q41, WeightType::F16));
  EXPECT_FALSE(multiplies_floats(WeightType::Q41, WeightType::Q41));
}

}  // namespace
}  // namespace shimmy::kernels
