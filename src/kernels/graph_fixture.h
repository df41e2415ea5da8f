// Small compute graphs run by ggml's CPU backend, with weights in any kind of buffer.
#pragma once

#include <ggml-backend.h>
#include <ggml-cpu.h>
#include <ggml.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/weights_fixture.h"

namespace shimmy::kernels {

struct FreeGgml {
  void operator()(ggml_context* context) const { ggml_free(context); }
  void operator()(ggml_backend* backend) const { ggml_backend_free(backend); }
  void operator()(ggml_backend_buffer* buffer) const { ggml_backend_buffer_free(buffer); }
};

// Tensors of one buffer type. Add them all, then allocate(), then fill them.
class TensorSet {
 public:
  explicit TensorSet(ggml_backend_buffer_type_t type);

  ggml_tensor* add(ggml_type type, std::vector<std::int64_t> extents);
  void allocate();
  ggml_context* context() { return context_.get(); }

 private:
  ggml_backend_buffer_type_t type_;
  std::unique_ptr<ggml_context, FreeGgml> context_;
  std::unique_ptr<ggml_backend_buffer, FreeGgml> buffer_;
};

void fill(ggml_tensor* tensor, const void* bytes);
Floats read_floats(const ggml_tensor* tensor);

// Computes `result`, whose operands lie in allocated sets, on so many threads. `inputs` holds the
// result and is allocated here. True if the backend says that it supports the op.
bool compute(ggml_tensor* result, TensorSet& inputs, int threads);

// A product of weights with columns of floats, dense or with chosen experts.
struct ProductCase {
  WeightType type = WeightType::Q40;
  std::int64_t rows = 16;
  std::int64_t values = 256;
  std::int64_t columns = 1;
  std::int64_t matrices = 1;  // of weights; the columns' third extent is `slices`
  std::int64_t slices = 1;

  Bytes weights;
  Floats activations;
};
ProductCase random_case(ProductCase shape, Random& random);

// The product with weights in `buffer`.
Floats product(const ProductCase& input, ggml_backend_buffer_type_t buffer, int threads);

// The exact one.
std::vector<double> exact_product(const ProductCase& input);

// Root of the mean square of the differences.
double error_of(const Floats& result, const std::vector<double>& exact);

}  // namespace shimmy::kernels
