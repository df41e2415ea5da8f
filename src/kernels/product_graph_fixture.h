// Graphs of products as llama.cpp runs them, for tests of what is computed together.
#pragma once

#include <ggml-alloc.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "kernels/ggml_hook.h"
#include "kernels/ggml_types.h"
#include "kernels/graph_fixture.h"

namespace shimmy::kernels {

constexpr std::int64_t kValues = 256;

struct FreeAllocator {
  void operator()(ggml_gallocr* allocator) const { ggml_gallocr_free(allocator); }
};

inline Floats doubled(Floats values) {
  for (float& value : values) value *= 2;
  return values;
}

// Graphs as llama.cpp runs them: memory is used again as soon as its tensor has been read.
class ProductGraph : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(hook_into_ggml(supported_levels().back(), {})); }

  ProductGraph()
      : weights_(weight_buffer_type()),
        nodes_(ggml_backend_cpu_buffer_type()),
        parameters_(ggml_backend_cpu_buffer_type()) {}

  void start_over() {
    allocator_.reset();
    weights_ = TensorSet(weight_buffer_type());
    nodes_ = TensorSet(ggml_backend_cpu_buffer_type());
    matrices_.clear();
    others_.clear();
    parameter_values_.clear();
    parameters_ = TensorSet(ggml_backend_cpu_buffer_type());
  }

  ggml_context* context() { return nodes_.context(); }

  ggml_tensor* matrix(std::int64_t rows, WeightType type = WeightType::Q41) {
    matrices_.push_back({type, rows, weights_.add(type_of_ggml(type), {kValues, rows})});
    return matrices_.back().tensor;
  }

  ggml_tensor* input(std::int64_t columns) {
    input_ = nodes_.add(GGML_TYPE_F32, {kValues, columns});
    ggml_set_input(input_);
    return input_;
  }

  // A gated unit of one column with the nodes that feed it.
  struct Gated {
    ggml_tensor* gate;
    ggml_tensor* up;
    ggml_tensor* gate_product;
    ggml_tensor* unit;
  };
  Gated gated_unit() {
    ggml_tensor* x = input(1);
    ggml_tensor* gate = matrix(64);
    ggml_tensor* up = matrix(64);
    ggml_tensor* gate_product = ggml_mul_mat(context(), gate, x);
    return {gate, up, gate_product,
            ggml_swiglu_split(context(), gate_product, ggml_mul_mat(context(), up, x))};
  }

  // What a model has, besides its matrices.
  ggml_tensor* parameter(const Floats& values) {
    ggml_tensor* tensor =
        parameters_.add(GGML_TYPE_F32, {static_cast<std::int64_t>(values.size())});
    parameter_values_.push_back({tensor, bytes_of(values)});
    return tensor;
  }

  // Of the graph's inputs besides the activations; filled before each run.
  template <class T>
  ggml_tensor* input_of(ggml_type type, std::vector<std::int64_t> extents,
                        const std::vector<T>& values) {
    ggml_tensor* tensor = nodes_.add(type, std::move(extents));
    ggml_set_input(tensor);
    others_.push_back({tensor, bytes_of(values)});
    return tensor;
  }

  // Fills all matrices and prepares the graph of these results.
  void prepare(const std::vector<ggml_tensor*>& results) {
    weights_.allocate();
    for (const Matrix& each : matrices_) {
      const Bytes bytes =
          quantised_weights(each.type, static_cast<std::size_t>(each.rows), kValues, random_);
      fill(each.tensor, bytes.data());
    }
    if (!parameter_values_.empty()) parameters_.allocate();
    for (const Input& each : parameter_values_) fill(each.tensor, each.bytes.data());
    graph_ = ggml_new_graph(context());
    for (ggml_tensor* result : results) {
      ggml_set_output(result);
      ggml_build_forward_expand(graph_, result);
    }
    allocator_.reset(ggml_gallocr_new(ggml_backend_cpu_buffer_type()));
    ASSERT_TRUE(ggml_gallocr_alloc_graph(allocator_.get(), graph_));
    columns_ = random_floats(static_cast<std::size_t>(ggml_nelements(input_)), random_);
  }

  // How many groups were computed meanwhile.
  std::uint64_t run(int threads = 2) {
    const std::uint64_t before = hook_usage().groups;
    fill(input_, columns_.data());
    for (const Input& each : others_) fill(each.tensor, each.bytes.data());
    const std::unique_ptr<ggml_backend, FreeGgml> backend(ggml_backend_cpu_init());
    ggml_backend_cpu_set_n_threads(backend.get(), threads);
    EXPECT_EQ(ggml_backend_graph_compute(backend.get(), graph_), GGML_STATUS_SUCCESS);
    return hook_usage().groups - before;
  }

  // The product computed alone.
  Floats alone(ggml_tensor* matrix) {
    TensorSet set(ggml_backend_cpu_buffer_type());
    ggml_tensor* x = set.add(GGML_TYPE_F32, {kValues, input_->ne[1]});
    ggml_tensor* result = ggml_mul_mat(set.context(), matrix, x);
    set.allocate();
    fill(x, columns_.data());
    EXPECT_TRUE(compute(result, set, 1));
    return read_floats(result);
  }

  // ggml's gated unit of two products computed alone.
  Floats unit_alone(ggml_tensor* gate, ggml_tensor* up, ggml_glu_op kind) {
    const Floats gate_values = alone(gate);
    const Floats up_values = alone(up);
    TensorSet set(ggml_backend_cpu_buffer_type());
    ggml_tensor* a = set.add(GGML_TYPE_F32, {gate->ne[1], input_->ne[1]});
    ggml_tensor* b = set.add(GGML_TYPE_F32, {gate->ne[1], input_->ne[1]});
    ggml_tensor* result = ggml_glu_split(set.context(), a, b, kind);
    set.allocate();
    fill(a, gate_values.data());
    fill(b, up_values.data());
    EXPECT_TRUE(compute(result, set, 1));
    return read_floats(result);
  }

  struct Matrix {
    WeightType type;
    std::int64_t rows;
    ggml_tensor* tensor;
  };

  struct Input {
    ggml_tensor* tensor;
    Bytes bytes;
  };
  template <class T>
  static Bytes bytes_of(const std::vector<T>& values) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
    return Bytes(bytes, bytes + values.size() * sizeof(T));
  }

  Random random_{5};
  TensorSet weights_;
  TensorSet nodes_;
  std::vector<Matrix> matrices_;
  TensorSet parameters_;
  std::vector<Input> parameter_values_;
  std::vector<Input> others_;
  ggml_tensor* input_ = nullptr;
  ggml_cgraph* graph_ = nullptr;
  std::unique_ptr<ggml_gallocr, FreeAllocator> allocator_;
  Floats columns_;
};

}  // namespace shimmy::kernels
