// Multiply-adds a second of our matrix kernels and of ggml's, by weight type and shape, beside the
// measured peak of the cores' integer dot product and of reading memory.
//
//   shimmy_bench_kernels [THREADS [TYPE…]]      TYPE as in ggml: q4_0, q4_K, f16, …; default: 1 and
//   all
#include <fmt/format.h>
#include <ggml-backend-impl.h>
#include <ggml-backend.h>
#include <ggml-cpu.h>
#include <ggml.h>
#include <traits.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "kernels/cpu_level.h"
#include "kernels/ggml_hook.h"
#include "kernels/ggml_types.h"
#include "kernels/install.h"

namespace {

using namespace shimmy::kernels;

struct Free {
  void operator()(ggml_context* context) const { ggml_free(context); }
  void operator()(ggml_backend* backend) const { ggml_backend_free(backend); }
  void operator()(ggml_backend_buffer* buffer) const { ggml_backend_buffer_free(buffer); }
};
using Context = std::unique_ptr<ggml_context, Free>;
using Buffer = std::unique_ptr<ggml_backend_buffer, Free>;

struct Shape {
  std::int64_t values, rows, columns;
};

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double best_of(int rounds, const auto& work) {
  double best = seconds_of(work);
  for (int i = 1; i < rounds; ++i) best = std::min(best, seconds_of(work));
  return best;
}

Context make_context() {
  return Context(
      ggml_init({.mem_size = std::size_t{1} << 22U, .mem_buffer = nullptr, .no_alloc = true}));
}

// Few columns read every weight once: enough copies that they come from memory, as in a whole
// model.
std::int64_t copies_of(const Shape& shape, ggml_type type) {
  constexpr std::size_t kBeyondCaches = std::size_t{96} << 20U;
  const std::size_t bytes =
      ggml_row_size(type, shape.values) * static_cast<std::size_t>(shape.rows);
  return shape.columns > 32 ? 1 : static_cast<std::int64_t>(kBeyondCaches / bytes + 1);
}

// The buffer type that stock ggml would choose: its first extra one that takes the product, or
// plain memory.
ggml_backend_buffer_type_t choice_of_ggml(ggml_type type, const Shape& shape) {
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

// Billions of multiply-adds a second.
double rate(ggml_type type, const Shape& shape, ggml_backend_buffer_type_t buffer, int threads) {
  const Context weights = make_context();
  const Context inputs = make_context();
  const std::int64_t copies = copies_of(shape, type);
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

  std::mt19937 random(1);
  std::normal_distribution<float> bell;
  std::vector<float> floats(
      static_cast<std::size_t>(shape.values * std::max(shape.rows, shape.columns)));
  for (float& value : floats) value = bell(random);
  std::vector<char> quantised(ggml_nbytes(matrices.front()));
  ggml_quantize_chunk(type, floats.data(), quantised.data(), 0, shape.rows, shape.values, nullptr);
  for (ggml_tensor* matrix : matrices)
    ggml_backend_tensor_set(matrix, quantised.data(), 0, quantised.size());
  ggml_backend_tensor_set(x, floats.data(), 0, ggml_nbytes(x));

  const std::unique_ptr<ggml_backend, Free> backend(ggml_backend_cpu_init());
  ggml_backend_cpu_set_n_threads(backend.get(), threads);
  const double seconds = best_of(5, [&] { ggml_backend_graph_compute(backend.get(), graph); });
  return static_cast<double>(copies * shape.values * shape.rows * shape.columns) / seconds * 1e-9;
}

// Ten independent chains of the level's dot product. Assembler, as this file is compiled for any
// CPU.
#define SHIMMY_TEN(STEP) \
  STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) STEP(8) STEP(9)
double peak_of_one_core(CpuLevel level) {
  constexpr int kSteps = 3'000'000;
  const double seconds = best_of(5, [&] {
    for (int i = 0; i < kSteps; ++i) {
#define SHIMMY_ZMM(n) asm volatile("vpdpbusd %%zmm10, %%zmm10, %%zmm" #n ::: "xmm" #n);
#define SHIMMY_YMM(n) asm volatile("%{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm" #n ::: "xmm" #n);
#define SHIMMY_MADD(n)                                                              \
  asm volatile(                                                                     \
      "vpmaddubsw %%ymm10, %%ymm10, %%ymm11\n vpmaddwd %%ymm10, %%ymm11, %%ymm11\n" \
      "vpaddd %%ymm11, %%ymm" #n ", %%ymm" #n ::                                    \
          : "xmm" #n, "xmm11");
      if (level >= CpuLevel::Avx512Vnni) {
        SHIMMY_TEN(SHIMMY_ZMM)
      } else if (level == CpuLevel::AvxVnni) {
        SHIMMY_TEN(SHIMMY_YMM)
      } else {
        SHIMMY_TEN(SHIMMY_MADD)
      }
    }
  });
  asm volatile("vzeroupper");
  return static_cast<double>(kSteps) * 10 * (level >= CpuLevel::Avx512Vnni ? 64 : 32) / seconds *
         1e-9;
}

// Gigabytes a second, read by all threads together.
double read_bandwidth(int threads) {
  std::vector<std::uint64_t> memory((std::size_t{256} << 20U) / 8, 1);
  std::atomic<std::uint64_t> sink{0};
  const double seconds = best_of(5, [&] {
    std::vector<std::jthread> readers;
    const std::size_t share = memory.size() / static_cast<std::size_t>(threads);
    for (int i = 0; i < threads; ++i) {
      readers.emplace_back(
          [&, part = std::span(memory).subspan(static_cast<std::size_t>(i) * share, share)] {
            std::uint64_t sums[8] = {};
            for (std::size_t k = 0; k + 8 <= part.size(); k += 8) {
              for (std::size_t j = 0; j < 8; ++j) sums[j] += part[k + j];
            }
            for (const std::uint64_t sum : sums) sink += sum;
          });
    }
  });
  return static_cast<double>(memory.size()) * 8 / seconds * 1e-9;
}

void print_type(ggml_type type, int threads, double peak) {
  // Rows are whole blocks of the type.
  const std::int64_t small = ggml_blck_size(type) == 256 ? 768 : 576;
  for (const Shape& shape :
       {Shape{small, 1536, 1}, Shape{2048, 8192, 1}, Shape{2048, 8192, 4}, Shape{2048, 8192, 16},
        Shape{small, 1536, 512}, Shape{2048, 2048, 512}}) {
    const double ours = rate(type, shape, weight_buffer_type(), threads);
    const double theirs = rate(type, shape, choice_of_ggml(type, shape), threads);
    const double bytes =
        static_cast<double>(ggml_row_size(type, shape.values)) / static_cast<double>(shape.values);
    fmt::print("{:8} {:5} x {:5} x {:3} {:9.1f} {:8.0f} % {:9.1f} {:9.1f} {:8.2f}\n",
               ggml_type_name(type), shape.rows, shape.values, shape.columns, ours,
               100 * ours / peak, ours * bytes / static_cast<double>(shape.columns), theirs,
               ours / theirs);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const int threads = words.empty() ? 1 : std::max(1, std::atoi(words.front().c_str()));
  if (const auto installed = install(Choice::Shimmy); !installed) {
    fmt::print(stderr, "{}\n", installed.error().message);
    return 1;
  }
  const double peak = peak_of_one_core(level_in_use()) * threads;
  fmt::print("{} threads, {}; peak {:.0f} GMAC/s, reads {:.1f} GB/s\n", threads, description(),
             peak, read_bandwidth(threads));
  fmt::print(
      "type      rows x values x columns  GMAC/s  of peak   weights GB/s    ggml    ratio\n");
  for (std::size_t i = 0; i < kWeightTypes; ++i) {
    const ggml_type type = type_of_ggml(static_cast<WeightType>(i));
    if (words.size() > 1 &&
        std::find(words.begin() + 1, words.end(), ggml_type_name(type)) == words.end())
      continue;
    print_type(type, threads, peak);
  }
}
