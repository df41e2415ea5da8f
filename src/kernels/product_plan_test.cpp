#include "kernels/product_plan.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

#include "kernels/graph_fixture.h"

namespace shimmy::kernels {
namespace {

class ProductPlans : public testing::Test {
 protected:
  ggml_tensor* dense(std::int64_t columns, std::int64_t matrices = 1, std::int64_t slices = 1) {
    return ggml_mul_mat(set_.context(), set_.add(GGML_TYPE_Q4_0, {64, 16, matrices}),
                        set_.add(GGML_TYPE_F32, {64, columns, slices}));
  }
  ggml_tensor* experts(std::int64_t count, std::int64_t used, std::int64_t tokens) {
    return ggml_mul_mat_id(set_.context(), set_.add(GGML_TYPE_Q4_0, {64, 16, count}),
                           set_.add(GGML_TYPE_F32, {64, 1, tokens}),
                           set_.add(GGML_TYPE_I32, {used, tokens}));
  }
  ProductPlan plan(const ggml_tensor* op) {
    memory_.resize(plan_bytes(*op) / sizeof(std::max_align_t) + 1);
    return plan_product(*op, *op->src[1], reinterpret_cast<std::uint8_t*>(memory_.data()));
  }
  // Each column belongs to exactly one tile, tiles follow one another, and the bounds hold.
  static void expect_sound(const ggml_tensor* op, const ProductPlan& plan) {
    std::size_t columns = 0;
    std::size_t widths = 0;
    for (const ColumnTile& tile : plan.tiles) {
      EXPECT_EQ(tile.first, columns);
      EXPECT_EQ(tile.columns_before, widths);
      EXPECT_GE(tile.width, tile.count);
      EXPECT_GT(tile.count, 0U);
      columns += tile.count;
      widths += tile.width;
    }
    EXPECT_EQ(columns, plan.columns.size());
    EXPECT_LE(widths, planned_columns(*op));
    std::set<float*> targets;
    for (const Column& column : plan.columns) targets.insert(column.to);
    EXPECT_EQ(targets.size(), plan.columns.size());
  }

  TensorSet set_{ggml_backend_cpu_buffer_type()};
  std::vector<std::max_align_t> memory_;
};

TEST_F(ProductPlans, CutColumnsIntoTilesOf16) {
  for (const std::int64_t columns : {1, 5, 16, 17, 100}) {
    const ggml_tensor* op = dense(columns);
    set_.allocate();
    const ProductPlan planned = plan(op);
    expect_sound(op, planned);
    EXPECT_EQ(planned.tiles.size(), static_cast<std::size_t>((columns + 15) / 16));
  }
}

TEST_F(ProductPlans, JoinSlicesThatShareAMatrix) {
  const ggml_tensor* op = dense(3, 1, 4);
  set_.allocate();
  const ProductPlan planned = plan(op);
  expect_sound(op, planned);
  ASSERT_EQ(planned.tiles.size(), 1U);
  EXPECT_EQ(planned.tiles[0].count, 12U);
}

TEST_F(ProductPlans, GiveSlicesTheirOwnMatrix) {
  const ggml_tensor* op = dense(3, 2, 4);
  set_.allocate();
  const ProductPlan planned = plan(op);
  expect_sound(op, planned);
  ASSERT_EQ(planned.tiles.size(), 4U);
  EXPECT_EQ(planned.tiles[1].matrix, 0U);
  EXPECT_EQ(planned.tiles[2].matrix, 1U);
}

TEST_F(ProductPlans, GatherTheColumnsOfEachExpert) {
  ggml_tensor* op = experts(4, 2, 3);
  set_.allocate();
  const std::vector<std::int32_t> ids = {3, 0, 0, 1, 3, 0};
  fill(op->src[2], ids.data());
  const ProductPlan planned = plan(op);
  expect_sound(op, planned);
  ASSERT_EQ(planned.tiles.size(), 3U);
  EXPECT_EQ(planned.tiles[0].matrix, 0U);
  EXPECT_EQ(planned.tiles[0].count, 3U);
  EXPECT_EQ(planned.tiles[1].matrix, 1U);
  EXPECT_EQ(planned.tiles[2].matrix, 3U);
  EXPECT_EQ(planned.tiles[2].count, 2U);
}

// The worst case for the bounds: as many tiles as can be.
TEST_F(ProductPlans, StayWithinTheirMemoryForAnyChoiceOfExperts) {
  Random random(9);
  for (int round = 0; round < 20; ++round) {
    const auto count = 1 + static_cast<std::int64_t>(random() % 12);
    const auto tokens = 1 + static_cast<std::int64_t>(random() % 60);
    TensorSet own(ggml_backend_cpu_buffer_type());
    ggml_tensor* op = ggml_mul_mat_id(own.context(), own.add(GGML_TYPE_Q4_0, {64, 16, count}),
                                      own.add(GGML_TYPE_F32, {64, 1, tokens}),
                                      own.add(GGML_TYPE_I32, {1, tokens}));
    own.allocate();
    std::vector<std::int32_t> ids(static_cast<std::size_t>(tokens));
    for (auto& id : ids)
      id = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(count));
    fill(op->src[2], ids.data());
    const ProductPlan planned = plan(op);
    expect_sound(op, planned);
    const auto used =
        reinterpret_cast<const std::uint8_t*>(planned.tiles.data() + planned.tiles.size()) -
        reinterpret_cast<const std::uint8_t*>(memory_.data());
    EXPECT_LE(static_cast<std::size_t>(used), plan_bytes(*op));
  }
}

}  // namespace
}  // namespace shimmy::kernels
