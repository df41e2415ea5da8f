// The compute threads of this process.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/core_wait.h"
#include "base/error.h"
#include "llama/fair_share.h"
#include "llama/handles.h"

namespace shimmy::llama {

struct ThreadPoolOptions {
  std::int32_t threads = 1;  // compute threads, the one that calls decode() included
  // The cores that the threads are pinned to, one each; the thread of the first decode() gets the
  // highest. Empty: not pinned.
  std::vector<std::int32_t> cores;
  // Computes with fewer threads while other programs want the cores (fair_share.h), where the
  // system tells. Only for kernels whose results do not depend on the number of threads.
  bool gives_way = false;
};

// Threads that sleep between forward passes (they never poll) and may serve several contexts, one
// pass at a time: two contexts that share a pool must not decode at once. They are named "compute".
class ThreadPool {
 public:
  // Fails with InvalidRequest for counts and cores out of range, Internal when threads cannot
  // start.
  static base::Result<std::shared_ptr<ThreadPool>> create(const ThreadPoolOptions& options);

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::int32_t threads() const { return threads_; }

  // Around each forward pass, on the thread that calls for it; for Context. begin_pass() says with
  // how many threads.
  std::int32_t begin_pass();
  void end_pass();

  ggml_threadpool* raw() const { return handle_.get(); }  // inside llama/ only

 private:
  ThreadPool(ThreadPoolHandle handle, std::int32_t threads);

  void watch_cores(std::span<const int> workers);
  std::chrono::nanoseconds waited() const;

  ThreadPoolHandle handle_;
  std::int32_t threads_;

  // only where it gives way
  std::optional<FairShare> share_;
  std::vector<base::CoreWait> workers_;
  std::optional<base::CoreWait> caller_;
  int caller_id_ = 0;
  // of the pass that runs
  FairShare::Clock::time_point begin_;
  std::chrono::nanoseconds waited_before_{};
};

}  // namespace shimmy::llama
