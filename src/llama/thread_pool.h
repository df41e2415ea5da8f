// The compute threads of this process.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "llama/handles.h"

namespace shimmy::llama {

struct ThreadPoolOptions {
  std::int32_t threads = 1;  // compute threads, the one that calls decode() included
  // The cores that the threads are pinned to, one each; the thread of the first decode() gets the
  // highest. Empty: not pinned.
  std::vector<std::int32_t> cores;
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

  ggml_threadpool* raw() const { return handle_.get(); }  // inside llama/ only

 private:
  ThreadPool(ThreadPoolHandle handle, std::int32_t threads);

  ThreadPoolHandle handle_;
  std::int32_t threads_;
};

}  // namespace shimmy::llama
