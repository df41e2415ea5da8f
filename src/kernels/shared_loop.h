// A loop whose items the threads of a pool take as they come: large pieces first, single items
// last (guided self-scheduling, Polychronopoulos and Kuck, 1987). Who is late, because another
// program has its core, takes fewer.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace shimmy::kernels {

class SharedLoop {
 public:
  // Calls use(first, last, next) for pieces of [0, items); `next` is where the calling thread's
  // following piece begins, or `items`. All threads must call it, with the same numbers; each item
  // is used once. It can be run again when all have returned.
  template <class Use>
  void run(std::size_t items, std::size_t thread, std::size_t threads, Use use) {
    Pieces pieces(items, threads);
    pieces.go_to(thread);
    while (pieces.first < items) {
      const std::size_t first = pieces.first;
      const std::size_t last = pieces.last;
      pieces.go_to(threads + taken_.fetch_add(1, std::memory_order_relaxed));
      use(first, last, pieces.first);
    }
    if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 != threads) return;
    taken_.store(0, std::memory_order_relaxed);
    done_.store(0, std::memory_order_relaxed);
  }

 private:
  // All pieces, one after another; after the last one empty ones.
  struct Pieces {
    std::size_t items, threads;
    std::size_t index = 0, first = 0, last = 0;

    Pieces(std::size_t of_items, std::size_t of_threads)
        : items(of_items), threads(of_threads), last(size()) {}
    std::size_t size() const {
      const std::size_t rest = items - first;
      return std::min(rest, std::max<std::size_t>(1, rest / (2 * threads)));
    }
    void go_to(std::size_t wanted) {
      for (; index < wanted && first < items; ++index) {
        first = last;
        last = first + size();
      }
    }
  };

  // The first pieces belong to the threads in their order.
  alignas(64) std::atomic<std::size_t> taken_ = 0;  // pieces after those
  alignas(64) std::atomic<std::size_t> done_ = 0;   // threads that found nothing more
};

}  // namespace shimmy::kernels
