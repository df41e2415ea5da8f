// MUL_MAT_ID: each column chooses among several matrices.
#include <ggml.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/ggml_hook.h"
#include "kernels/ggml_types.h"
#include "kernels/graph_fixture.h"

namespace shimmy::kernels {
namespace {

struct ExpertCase {
  WeightType type = WeightType::Q40;
  std::int64_t rows = 40;
  std::int64_t values = 256;
  std::int64_t experts = 8;
  std::int64_t used = 2;
  std::int64_t tokens = 1;
  bool has_own_columns = false;  // one column for each choice, not one for each token

  Bytes weights;
  Floats activations;
  std::vector<std::int32_t> ids;

  std::int64_t columns() const { return has_own_columns ? used : 1; }
};

Floats product(const ExpertCase& input, ggml_backend_buffer_type_t buffer, int threads) {
  TensorSet weights(buffer);
  ggml_tensor* w = weights.add(type_of_ggml(input.type), {input.values, input.rows, input.experts});
  weights.allocate();
  TensorSet inputs(ggml_backend_cpu_buffer_type());
  ggml_tensor* x = inputs.add(GGML_TYPE_F32, {input.values, input.columns(), input.tokens});
  ggml_tensor* ids = inputs.add(GGML_TYPE_I32, {input.used, input.tokens});
  ggml_tensor* result = ggml_mul_mat_id(inputs.context(), w, x, ids);
  inputs.allocate();
  fill(w, input.weights.data());
  fill(x, input.activations.data());
  fill(ids, input.ids.data());
  EXPECT_TRUE(compute(result, inputs, threads));
  return read_floats(result);
}

std::vector<double> exact_product(const ExpertCase& input) {
  const Floats weights = dequantised(input.type, input.weights);
  std::vector<double> result;
  for (std::int64_t token = 0; token < input.tokens; ++token) {
    for (std::int64_t slot = 0; slot < input.used; ++slot) {
      const std::int64_t expert = input.ids.at(static_cast<std::size_t>(token * input.used + slot));
      const float* x = input.activations.data() +
                       (token * input.columns() + slot % input.columns()) * input.values;
      for (std::int64_t row = 0; row < input.rows; ++row) {
        const float* w = weights.data() + (expert * input.rows + row) * input.values;
        double sum = 0;
        for (std::int64_t k = 0; k < input.values; ++k) sum += static_cast<double>(w[k]) * x[k];
        result.push_back(sum);
      }
    }
  }
  return result;
}

class ExpertProduct : public testing::TestWithParam<WeightType> {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(hook_into_ggml(supported_levels().back(), {})); }

  // Each token chooses different experts, as routers do.
  ExpertCase random_case(ExpertCase shape) {
    shape.type = GetParam();
    shape.weights =
        quantised_weights(shape.type, static_cast<std::size_t>(shape.rows * shape.experts),
                          static_cast<std::size_t>(shape.values), random_);
    shape.activations = random_floats(
        static_cast<std::size_t>(shape.values * shape.columns() * shape.tokens), random_);
    std::vector<std::int32_t> all(static_cast<std::size_t>(shape.experts));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i);
    for (std::int64_t token = 0; token < shape.tokens; ++token) {
      std::ranges::shuffle(all, random_);
      shape.ids.insert(shape.ids.end(), all.begin(), all.begin() + shape.used);
    }
    return shape;
  }

  Random random_{5};
};

TEST_P(ExpertProduct, IsNoLessExactThanGgmls) {
  double error = 0;
  double error_of_ggml = 0;
  for (const std::int64_t tokens : {1, 3, 30, 80}) {
    for (const bool has_own_columns : {false, true}) {
      const ExpertCase input = random_case({.tokens = tokens, .has_own_columns = has_own_columns});
      const std::vector<double> exact = exact_product(input);
      error += error_of(product(input, weight_buffer_type(), 2), exact);
      error_of_ggml += error_of(product(input, ggml_backend_cpu_buffer_type(), 2), exact);
    }
  }
  EXPECT_LE(error, 1.02 * error_of_ggml);
}

TEST_P(ExpertProduct, IsTheSameForAnyNumberOfThreads) {
  for (const std::int64_t tokens : {1, 2, 50}) {
    const ExpertCase input = random_case({.experts = 5, .used = 3, .tokens = tokens});
    const Floats one = product(input, weight_buffer_type(), 1);
    for (const int threads : {1, 2, 3})
      EXPECT_EQ(product(input, weight_buffer_type(), threads), one);
  }
}

TEST_P(ExpertProduct, MayLeaveExpertsUnused) {
  ExpertCase input = random_case({.experts = 64, .used = 1, .tokens = 2});
  input.ids = {63, 63};
  const std::vector<double> exact = exact_product(input);
  EXPECT_LT(error_of(product(input, weight_buffer_type(), 2), exact),
            2 * error_of(product(input, ggml_backend_cpu_buffer_type(), 1), exact) + 1e-4);
}

INSTANTIATE_TEST_SUITE_P(SomeTypes, ExpertProduct,
                         testing::Values(WeightType::Q40, WeightType::Q4K, WeightType::Mxfp4,
                                         WeightType::Q80),
                         [](const auto& type) { return name_of(type.param); });

}  // namespace
}  // namespace shimmy::kernels
