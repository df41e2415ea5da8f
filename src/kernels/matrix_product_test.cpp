#include "kernels/matrix_product.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/ggml_hook.h"
#include "kernels/ggml_types.h"
#include "kernels/graph_fixture.h"

namespace shimmy::kernels {
namespace {

// Products through ggml's own compute graph, once with weights in our buffers and once in ggml's.
class MatrixProduct : public testing::TestWithParam<WeightType> {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(hook_into_ggml(supported_levels().back(), {})); }
  void TearDown() override { use_level(supported_levels().back()); }

  static Floats ours(const ProductCase& input, int threads) {
    return product(input, weight_buffer_type(), threads);
  }
  static Floats theirs(const ProductCase& input) {
    return product(input, ggml_backend_cpu_buffer_type(), 1);
  }

  Random random_{11};
};

// Both round activations to 8 bits; ours keep their scales as 32-bit floats. Those of BF16 weights
// may be rounded alike: then errors differ by that of the sums only.
TEST_P(MatrixProduct, IsNoLessExactThanGgmls) {
  double error = 0;
  double error_of_ggml = 0;
  for (int round = 0; round < 12; ++round) {
    const ProductCase input =
        random_case({.type = GetParam(),
                     .rows = 1 + static_cast<std::int64_t>(random_() % 100),
                     .values = 256 * (1 + static_cast<std::int64_t>(random_() % 4)),
                     .columns = 1 + static_cast<std::int64_t>(random_() % 40)},
                    random_);
    const std::vector<double> exact = exact_product(input);
    error += std::pow(error_of(ours(input, 2), exact), 2);
    error_of_ggml += std::pow(error_of(theirs(input), exact), 2);
  }
  RecordProperty("error", std::to_string(std::sqrt(error)));
  RecordProperty("error_of_ggml", std::to_string(std::sqrt(error_of_ggml)));
  EXPECT_LE(std::sqrt(error),
            std::sqrt(error_of_ggml) * (GetParam() == WeightType::Bf16 ? 1.0001 : 1));
}

TEST_P(MatrixProduct, IsRightForEveryNumberOfColumnsAndRows) {
  for (const std::int64_t columns : {1, 2, 3, 5, 7, 9, 13, 16, 17, 33, 70}) {
    for (const std::int64_t rows : {1, 15, 16, 33}) {
      const ProductCase input = random_case(
          {.type = GetParam(), .rows = rows, .values = 256, .columns = columns}, random_);
      const std::vector<double> exact = exact_product(input);
      EXPECT_LT(error_of(ours(input, 2), exact), 2 * error_of(theirs(input), exact) + 1e-4)
          << columns << "x" << rows;
    }
  }
}

TEST_P(MatrixProduct, IsTheSameForAnyNumberOfThreads) {
  for (const std::int64_t columns : {1, 4, 5, 16, 40, 100}) {
    const ProductCase input =
        random_case({.type = GetParam(), .rows = 150, .values = 256, .columns = columns}, random_);
    const Floats one = ours(input, 1);
    for (const int threads : {1, 2, 3, 5})
      EXPECT_EQ(ours(input, threads), one) << columns << " on " << threads;
  }
}

TEST_P(MatrixProduct, IsTheSameOnEveryLevel) {
  const ProductCase input =
      random_case({.type = GetParam(), .rows = 40, .values = 256, .columns = 21}, random_);
  use_level(CpuLevel::Scalar);
  const Floats reference = ours(input, 2);
  for (const CpuLevel level : supported_levels()) {
    if (!multiplies_like_scalar(GetParam(), level)) continue;
    use_level(level);
    EXPECT_EQ(ours(input, 2), reference) << name(level);
  }
}

// A column's result must not depend on who shares the batch: the same prompt gives the same answer.
TEST_P(MatrixProduct, GivesAColumnTheSameResultAloneAndInABatch) {
  const ProductCase batch =
      random_case({.type = GetParam(), .rows = 48, .values = 256, .columns = 37}, random_);
  const Floats together = ours(batch, 2);
  for (const std::size_t column : {0U, 16U, 36U}) {
    ProductCase alone = batch;
    alone.columns = 1;
    const auto begin = batch.activations.begin() + static_cast<long>(column) * batch.values;
    alone.activations.assign(begin, begin + batch.values);
    const auto expected = together.begin() + static_cast<long>(column) * batch.rows;
    EXPECT_EQ(ours(alone, 1), Floats(expected, expected + batch.rows)) << column;
  }
}

TEST_P(MatrixProduct, SharesMatricesAmongSlices) {
  for (const std::int64_t matrices : {1, 2, 4}) {
    const ProductCase input = random_case({.type = GetParam(),
                                           .rows = 20,
                                           .values = 256,
                                           .columns = 3,
                                           .matrices = matrices,
                                           .slices = 4},
                                          random_);
    const std::vector<double> exact = exact_product(input);
    EXPECT_LT(error_of(ours(input, 2), exact), 2 * error_of(theirs(input), exact) + 1e-4)
        << matrices;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryType, MatrixProduct, testing::ValuesIn(every_type()),
                         [](const auto& type) { return name_of(type.param); });

class OperandShapes : public MatrixProduct {};

// Every second column of a wider tensor: rows are whole, but lie apart.
TEST_P(OperandShapes, MayHaveActivationsWithGaps) {
  const ProductCase input =
      random_case({.type = GetParam(), .rows = 32, .values = 256, .columns = 12}, random_);
  TensorSet weights(weight_buffer_type());
  ggml_tensor* w = weights.add(type_of_ggml(GetParam()), {input.values, input.rows});
  weights.allocate();
  TensorSet inputs(ggml_backend_cpu_buffer_type());
  ggml_tensor* x = inputs.add(GGML_TYPE_F32, {input.values, input.columns});
  ggml_tensor* gaps = ggml_view_2d(inputs.context(), x, input.values, 6, 2 * x->nb[1], x->nb[1]);
  ggml_tensor* result = ggml_mul_mat(inputs.context(), w, gaps);
  inputs.allocate();
  fill(w, input.weights.data());
  fill(x, input.activations.data());
  ASSERT_TRUE(compute(result, inputs, 2));
  const Floats all = ours(input, 2);
  const Floats some = read_floats(result);
  for (std::size_t column = 0; column < 6; ++column) {
    for (std::size_t row = 0; row < 32; ++row) {
      ASSERT_EQ(some.at(column * 32 + row), all.at((2 * column + 1) * 32 + row));
    }
  }
}

TEST_P(OperandShapes, MayBeAViewOfSomeOfTheWeights) {
  const ProductCase input =
      random_case({.type = GetParam(), .rows = 48, .values = 256, .columns = 5}, random_);
  TensorSet weights(weight_buffer_type());
  ggml_tensor* w = weights.add(type_of_ggml(GetParam()), {input.values, input.rows});
  weights.allocate();
  TensorSet inputs(ggml_backend_cpu_buffer_type());
  ggml_tensor* x = inputs.add(GGML_TYPE_F32, {input.values, input.columns});
  ggml_tensor* upper = ggml_view_2d(inputs.context(), w, input.values, 16, w->nb[1], 32 * w->nb[1]);
  ggml_tensor* result = ggml_mul_mat(inputs.context(), upper, x);
  inputs.allocate();
  fill(w, input.weights.data());
  fill(x, input.activations.data());
  ASSERT_TRUE(compute(result, inputs, 2));
  const Floats all = ours(input, 2);
  const Floats some = read_floats(result);
  for (std::size_t column = 0; column < 5; ++column) {
    for (std::size_t row = 0; row < 16; ++row)
      ASSERT_EQ(some.at(column * 16 + row), all.at(column * 48 + 32 + row));
  }
}

INSTANTIATE_TEST_SUITE_P(SomeTypes, OperandShapes,
                         testing::Values(WeightType::Q40, WeightType::Q6K, WeightType::F16),
                         [](const auto& type) { return name_of(type.param); });

}  // namespace
}  // namespace shimmy::kernels
