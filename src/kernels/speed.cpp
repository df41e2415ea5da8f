#include "kernels/speed.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ggml-backend-impl.h>
#include <ggml-backend.h>
#include <ggml-cpu.h>
#include <ggml.h>
#include <traits.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <thread>

#include "kernels/core_peak.h"
#include "kernels/ggml_hook.h"
#include "kernels/ggml_types.h"
#include "kernels/stopwatch.h"

namespace shimmy::kernels {
namespace {

struct Free {
  void operator()(ggml_context* context) const { ggml_free(context); }
  void operator()(ggml_backend* backend) const { ggml_backend_free(backend); }
  void operator()(ggml_backend_buffer* buffer) const { ggml_backend_buffer_free(buffer); }
};
using Context = std::unique_ptr<ggml_context, Free>;
using Buffer = std::unique_ptr<ggml_backend_buffer, Free>;

Context make_context() {
  return Context(
      ggml_init({.mem_size = std::size_t{1} << 22U, .mem_buffer = nullptr, .no_alloc = true}));
}

std::optional<ggml_type> type_named(std::string_view name) {
  for (std::size_t i = 0; i < kWeightTypes; ++i) {
    const ggml_type type = type_of_ggml(static_cast<WeightType>(i));
    if (name == ggml_type_name(type)) return type;
  }
  return std::nullopt;
}

std::size_t weight_bytes(ggml_type type, const ProductShape& shape) {
  return ggml_row_size(type, shape.values) * static_cast<std::size_t>(shape.rows);
}

// Few columns read every weight once: enough copies that they come from memory, as in a whole
// model.
std::int64_t copies_of(ggml_type type, const ProductShape& shape) {
  constexpr std::size_t kBeyondCaches = std::size_t{96} << 20U;
  return shape.columns > 32
             ? 1
             : static_cast<std::int64_t>(kBeyondCaches / weight_bytes(type, shape) + 1);
}

// Where ggml would put the weights by itself: its first extra type that takes the product, or plain
// memory.
ggml_backend_buffer_type_t choice_of_ggml(ggml_type type, const ProductShape& shape) {
  const ggml_backend_dev_t device = ggml_backend_reg_dev_get(ggml_backend_cpu_reg(), 0);
  for (ggml_backend_buffer_type_t buffer : ggml_backend_cpu_get_extra_buffer_types()) {
    if (buffer == weight_buffer_type()) continue;
    const Context context = make_context();
    ggml_tensor* w = ggml_new_tensor_2d(context.get(), type, shape.values, shape.rows);
    const Buffer empty(ggml_backend_buft_alloc_buffer(buffer, 0));
    w->buffer = empty.get();
    ggml_tensor* x = ggml_new_tensor_2d(context.get(), GGML_TYPE_F32, shape.values, 512);
    if (ggml_backend_dev_supports_op(device, ggml_mul_mat(context.get(), w, x))) return buffer;
  }
  return ggml_backend_cpu_buffer_type();
}

std::vector<float> random_floats(std::int64_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> bell;
  std::vector<float> floats(static_cast<std::size_t>(count));
  for (float& value : floats) value = bell(random);
  return floats;
}

// A few random rows, over and over: quantising all of them would take longer than multiplying.
std::vector<char> random_weights(ggml_type type, const ProductShape& shape) {
  constexpr std::int64_t kDifferent = 16;
  const std::int64_t rows = std::min(kDifferent, shape.rows);
  const std::vector<float> floats = random_floats(rows * shape.values);
  std::vector<char> some(ggml_row_size(type, shape.values) * static_cast<std::size_t>(rows));
  ggml_quantize_chunk(type, floats.data(), some.data(), 0, rows, shape.values, nullptr);
  std::vector<char> all(weight_bytes(type, shape));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = some[i % some.size()];
  return all;
}

// Billions of multiply-adds a second.
double rate(ggml_type type, const ProductShape& shape, ggml_backend_buffer_type_t buffer,
            int threads) {
  const Context weights = make_context();
  const Context inputs = make_context();
  const std::int64_t copies = copies_of(type, shape);
  ggml_tensor* x = ggml_new_tensor_2d(inputs.get(), GGML_TYPE_F32, shape.values, shape.columns);
  std::vector<ggml_tensor*> matrices;
  ggml_cgraph* graph = ggml_new_graph_custom(inputs.get(), 4096, false);
  for (std::int64_t i = 0; i < copies; ++i) {
    matrices.push_back(ggml_new_tensor_2d(weights.get(), type, shape.values, shape.rows));
    ggml_build_forward_expand(graph, ggml_mul_mat(inputs.get(), matrices.back(), x));
  }
  const Buffer weight_memory(ggml_backend_alloc_ctx_tensors_from_buft(weights.get(), buffer));
  const Buffer input_memory(
      ggml_backend_alloc_ctx_tensors_from_buft(inputs.get(), ggml_backend_cpu_buffer_type()));

  const std::vector<char> bytes = random_weights(type, shape);
  for (ggml_tensor* matrix : matrices)
    ggml_backend_tensor_set(matrix, bytes.data(), 0, bytes.size());
  const std::vector<float> floats = random_floats(shape.values * shape.columns);
  ggml_backend_tensor_set(x, floats.data(), 0, ggml_nbytes(x));

  const std::unique_ptr<ggml_backend, Free> backend(ggml_backend_cpu_init());
  ggml_backend_cpu_set_n_threads(backend.get(), threads);
  const double seconds = best_seconds(5, [&] { ggml_backend_graph_compute(backend.get(), graph); });
  return static_cast<double>(copies * shape.values * shape.rows * shape.columns) / seconds * 1e-9;
}

double read_bandwidth(int threads) {
  const std::vector<std::uint64_t> memory((std::size_t{256} << 20U) / 8, 1);
  std::atomic<std::uint64_t> sink{0};
  const double seconds = best_seconds(5, [&] {
    std::vector<std::jthread> readers;
    const std::size_t share = memory.size() / static_cast<std::size_t>(threads);
    for (int i = 0; i < threads; ++i) {
      readers.emplace_back(
          [&, part = std::span(memory).subspan(static_cast<std::size_t>(i) * share, share)] {
            std::array<std::uint64_t, 8> sums{};
            for (std::size_t k = 0; k + 8 <= part.size(); k += 8) {
              for (std::size_t j = 0; j < 8; ++j) sums[j] += part[k + j];
            }
            for (const std::uint64_t sum : sums) sink += sum;
          });
    }
  });
  return static_cast<double>(memory.size()) * 8 / seconds * 1e-9;
}

}  // namespace

MachineSpeed measure_machine(int threads) {
  return {peak_of_one_core(level_in_use()) * threads, read_bandwidth(threads)};
}

std::vector<std::string> product_types() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kWeightTypes; ++i)
    names.emplace_back(ggml_type_name(type_of_ggml(static_cast<WeightType>(i))));
  return names;
}

std::vector<ProductShape> product_shapes(std::string_view type) {
  const auto known = type_named(type);
  if (!known) return {};
  // Rows are whole blocks of the type.
  const std::int64_t small = ggml_blck_size(*known) == 256 ? 768 : 576;
  return {{1536, small, 1}, {8192, 2048, 1},    {8192, 2048, 4},
          {8192, 2048, 16}, {1536, small, 512}, {2048, 2048, 512}};
}

base::Result<ProductSpeed> measure_product(std::string_view type, const ProductShape& shape,
                                           int threads) {
  const auto known = type_named(type);
  if (!known) {
    return base::fail_field("type", "\"{}\" is no type that our kernels multiply: {} are.", type,
                            fmt::join(product_types(), ", "));
  }
  const double ours = rate(*known, shape, weight_buffer_type(), threads);
  const double bytes_of_value =
      static_cast<double>(ggml_row_size(*known, shape.values)) / static_cast<double>(shape.values);
  return ProductSpeed{.ours = ours,
                      .ggml = rate(*known, shape, choice_of_ggml(*known, shape), threads),
                      .bandwidth = ours * bytes_of_value / static_cast<double>(shape.columns)};
}

}  // namespace shimmy::kernels
