#include "llama/thread_pool.h"

#include <ggml-cpu.h>
#include <pthread.h>

#include <array>
#include <set>

namespace shimmy::llama {
namespace {

base::Result<void> check(const ThreadPoolOptions& options) {
  if (options.threads < 1 || options.threads > GGML_MAX_N_THREADS) {
    return base::fail_field("threads", "A model computes with 1 to {1} threads, not {0}.",
                            options.threads, GGML_MAX_N_THREADS);
  }
  for (const std::int32_t core : options.cores) {
    if (core < 0 || core >= GGML_MAX_N_THREADS) {
      return base::fail_field("cores", "There is no core {}: they are numbered 0 to {}.", core,
                              GGML_MAX_N_THREADS - 1);
    }
  }
  const auto distinct =
      static_cast<std::int32_t>(std::set(options.cores.begin(), options.cores.end()).size());
  if (!options.cores.empty() && distinct != options.threads) {
    return base::fail_field("cores",
                            "{} different cores are named for {} threads: name one for each.",
                            distinct, options.threads);
  }
  return {};
}

// Threads begin with the name of the one that starts them: this one's, while it lives.
class BorrowedName {
 public:
  explicit BorrowedName(const char* name) {
    pthread_getname_np(pthread_self(), own_.data(), own_.size());
    pthread_setname_np(pthread_self(), name);
  }
  ~BorrowedName() { pthread_setname_np(pthread_self(), own_.data()); }
  BorrowedName(const BorrowedName&) = delete;
  BorrowedName& operator=(const BorrowedName&) = delete;

 private:
  std::array<char, 16> own_{};
};

}  // namespace

ThreadPool::ThreadPool(ThreadPoolHandle handle, std::int32_t threads)
    : handle_(std::move(handle)), threads_(threads) {}

base::Result<std::shared_ptr<ThreadPool>> ThreadPool::create(const ThreadPoolOptions& options) {
  if (const base::Result<void> checked = check(options); !checked) {
    return std::unexpected(checked.error());
  }
  ggml_threadpool_params parameters = ggml_threadpool_params_default(options.threads);
  parameters.poll = 0;
  parameters.strict_cpu = !options.cores.empty();
  for (const std::int32_t core : options.cores) {
    parameters.cpumask[core] = true;
  }
  // ggml pins the calling thread too. Paused, it does so in the first decode(), so that the thread
  // which computes is pinned and not the one that builds the pool.
  parameters.paused = parameters.strict_cpu;
  ThreadPoolHandle handle = [&] {
    const BorrowedName name("compute");
    return ThreadPoolHandle(ggml_threadpool_new(&parameters));
  }();
  if (!handle) {
    return base::fail(base::ErrorCode::Internal, "{} compute threads could not be started.",
                      options.threads);
  }
  return std::shared_ptr<ThreadPool>(new ThreadPool(std::move(handle), options.threads));
}

}  // namespace shimmy::llama
