// FLASH_ATTN_EXT as a part of ggml's compute graph.
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>

#include "kernels/attention_kernels.h"

struct ggml_compute_params;  // NOLINT(readability-identifier-naming): ggml's name
struct ggml_tensor;          // NOLINT(readability-identifier-naming): ggml's name

namespace shimmy::kernels {

// Why an attention op is left to ggml; empty when it is ours.
std::string_view reason_against_attention(const ggml_tensor& op);

// Bytes of work memory that attend() needs. Requires for both: reason_against_attention(op) is
// empty.
std::size_t attention_work_bytes(const ggml_tensor& op, std::size_t threads);

// What the threads that compute one op share; of one run at a time.
struct AttentionTeam {
  std::atomic<std::size_t> finished = 0;  // threads

  // True for the last of them; what the others wrote is then visible.
  bool is_last(std::size_t threads) {
    if (finished.fetch_add(1, std::memory_order_acq_rel) + 1 < threads) return false;
    finished.store(0, std::memory_order_relaxed);
    return true;
  }
};

// One thread's share; all threads of the pool must call it. The same for any number of threads, and
// for a query by itself as among others.
void attend(const AttentionKernels& kernels, const ggml_compute_params& params,
            const ggml_tensor& op, AttentionTeam& team);

}  // namespace shimmy::kernels
