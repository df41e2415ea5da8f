#include "kernels/graph_fixture.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/ggml_types.h"

namespace shimmy::kernels {

TensorSet::TensorSet(ggml_backend_buffer_type_t type)
    : type_(type),
      context_(
          ggml_init({.mem_size = std::size_t{1} << 20U, .mem_buffer = nullptr, .no_alloc = true})) {
}

ggml_tensor* TensorSet::add(ggml_type type, std::vector<std::int64_t> extents) {
  return ggml_new_tensor(context_.get(), type, static_cast<int>(extents.size()), extents.data());
}

void TensorSet::allocate() {
  buffer_.reset(ggml_backend_alloc_ctx_tensors_from_buft(context_.get(), type_));
}

void fill(ggml_tensor* tensor, const void* bytes) {
  ggml_backend_tensor_set(tensor, bytes, 0, ggml_nbytes(tensor));
}

Floats read_floats(const ggml_tensor* tensor) {
  Floats floats(static_cast<std::size_t>(ggml_nelements(tensor)));
  ggml_backend_tensor_get(tensor, floats.data(), 0, floats.size() * sizeof(float));
  return floats;
}

bool compute(ggml_tensor* result, TensorSet& inputs, int threads) {
  const std::unique_ptr<ggml_backend, FreeGgml> backend(ggml_backend_cpu_init());
  ggml_backend_cpu_set_n_threads(backend.get(), threads);
  if (!ggml_backend_supports_op(backend.get(), result)) return false;
  ggml_cgraph* graph = ggml_new_graph(inputs.context());
  ggml_build_forward_expand(graph, result);
  return ggml_backend_graph_compute(backend.get(), graph) == GGML_STATUS_SUCCESS;
}

ProductCase random_case(ProductCase shape, Random& random) {
  shape.weights =
      quantised_weights(shape.type, static_cast<std::size_t>(shape.rows * shape.matrices),
                        static_cast<std::size_t>(shape.values), random);
  shape.activations =
      random_floats(static_cast<std::size_t>(shape.values * shape.columns * shape.slices), random);
  return shape;
}

Floats product(const ProductCase& input, ggml_backend_buffer_type_t buffer, int threads) {
  TensorSet weights(buffer);
  ggml_tensor* w =
      weights.add(type_of_ggml(input.type), {input.values, input.rows, input.matrices});
  weights.allocate();
  TensorSet inputs(ggml_backend_cpu_buffer_type());
  ggml_tensor* x = inputs.add(GGML_TYPE_F32, {input.values, input.columns, input.slices});
  ggml_tensor* result = ggml_mul_mat(inputs.context(), w, x);
  inputs.allocate();
  fill(w, input.weights.data());
  fill(x, input.activations.data());
  EXPECT_TRUE(compute(result, inputs, threads));
  return read_floats(result);
}

std::vector<double> exact_product(const ProductCase& input) {
  const Floats weights = dequantised(input.type, input.weights);
  std::vector<double> result;
  for (std::int64_t slice = 0; slice < input.slices; ++slice) {
    const std::int64_t matrix = slice / (input.slices / input.matrices);
    for (std::int64_t column = 0; column < input.columns; ++column) {
      const float* x = input.activations.data() + (slice * input.columns + column) * input.values;
      for (std::int64_t row = 0; row < input.rows; ++row) {
        const float* w = weights.data() + (matrix * input.rows + row) * input.values;
        double sum = 0;
        for (std::int64_t k = 0; k < input.values; ++k) sum += static_cast<double>(w[k]) * x[k];
        result.push_back(sum);
      }
    }
  }
  return result;
}

double error_of(const Floats& result, const std::vector<double>& exact) {
  EXPECT_EQ(result.size(), exact.size());
  double sum = 0;
  for (std::size_t i = 0; i < result.size(); ++i)
    sum += (result[i] - exact[i]) * (result[i] - exact[i]);
  return std::sqrt(sum / static_cast<double>(result.size()));
}

}  // namespace shimmy::kernels
