// What our kernels hold and do, counted for people who ask.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace shimmy::kernels {

struct Usage {
  std::uint64_t weight_bytes = 0;        // in our buffers now
  std::uint64_t products = 0;            // matrix products begun since the start
  std::uint64_t groups = 0;              // of products that were computed together, among these
  std::uint64_t attentions = 0;          // attention ops begun since the start
  std::uint64_t refused_products = 0;    // weights and products that were left to ggml's kernels
  std::uint64_t refused_attentions = 0;  // attention ops of planned graphs that were left to ggml
};

// The counters behind Usage. Any thread may use them.
struct UsageCounters {
  std::atomic<std::uint64_t> weight_bytes{0};
  std::atomic<std::uint64_t> products{0};
  std::atomic<std::uint64_t> groups{0};
  std::atomic<std::uint64_t> attentions{0};
  std::atomic<std::uint64_t> refused_products{0};
  std::atomic<std::uint64_t> refused_attentions{0};

  Usage read() const {
    return {weight_bytes.load(), products.load(),         groups.load(),
            attentions.load(),   refused_products.load(), refused_attentions.load()};
  }
};

}  // namespace shimmy::kernels
