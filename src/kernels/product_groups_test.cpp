#include "kernels/product_groups.h"

#include <ggml-alloc.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "kernels/ggml_hook.h"
#include "kernels/ggml_types.h"
#include "kernels/graph_fixture.h"

namespace shimmy::kernels {
namespace {

constexpr std::int64_t kValues = 256;

Floats doubled(Floats values) {
  for (float& value : values) value *= 2;
  return values;
}

struct FreeAllocator {
  void operator()(ggml_gallocr* allocator) const { ggml_gallocr_free(allocator); }
};

// Graphs as llama.cpp runs them: memory is used again as soon as its tensor has been read.
class ProductGroups : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(hook_into_ggml(supported_levels().back(), {})); }

  ProductGroups() : weights_(weight_buffer_type()), nodes_(ggml_backend_cpu_buffer_type()) {}

  void start_over() {
    allocator_.reset();
    weights_ = TensorSet(weight_buffer_type());
    nodes_ = TensorSet(ggml_backend_cpu_buffer_type());
    matrices_.clear();
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

  // Fills all matrices and prepares the graph of these results.
  void prepare(const std::vector<ggml_tensor*>& results) {
    weights_.allocate();
    for (const Matrix& each : matrices_) {
      const Bytes bytes =
          quantised_weights(each.type, static_cast<std::size_t>(each.rows), kValues, random_);
      fill(each.tensor, bytes.data());
    }
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

  Random random_{5};
  TensorSet weights_;
  TensorSet nodes_;
  std::vector<Matrix> matrices_;
  ggml_tensor* input_ = nullptr;
  ggml_cgraph* graph_ = nullptr;
  std::unique_ptr<ggml_gallocr, FreeAllocator> allocator_;
  Floats columns_;
};

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

TEST_F(ProductGroups, LeaveProductsApartWhoseActivationsAreRoundedDifferently) {
  ggml_tensor* x = input(1);
  ggml_tensor* quantised = matrix(32, WeightType::Q41);
  ggml_tensor* floats = matrix(32, WeightType::F16);
  ggml_tensor* first = ggml_mul_mat(context(), quantised, x);
  ggml_tensor* second = ggml_mul_mat(context(), floats, x);
  prepare({first, second});
  EXPECT_EQ(run(), 0U);
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
  const auto leader_with = [&](void* memory) {
    second->data = memory;
    GroupPlanner planner([](const ggml_tensor&, const ggml_tensor&) { return true; });
    planner.add(first, true);
    planner.add(between, false);
    planner.add(second, true);
    return group_led_by(*first);
  };
  void* const own = second->data;
  EXPECT_EQ(leader_with(between->data), nullptr);
  EXPECT_NE(second->flags & GGML_TENSOR_FLAG_COMPUTE, 0);
  EXPECT_NE(leader_with(own), nullptr);
  EXPECT_EQ(second->flags & GGML_TENSOR_FLAG_COMPUTE, 0);
}

}  // namespace
}  // namespace shimmy::kernels
