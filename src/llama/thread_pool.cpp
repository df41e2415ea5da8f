#include "llama/thread_pool.h"

#include <ggml-cpu.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace shimmy::llama {
namespace {

constexpr const char* kThreadName = "compute";

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
  const std::vector<int> others = base::threads_named(kThreadName);
  ThreadPoolHandle handle = [&] {
    const BorrowedName name(kThreadName);
    return ThreadPoolHandle(ggml_threadpool_new(&parameters));
  }();
  if (!handle) {
    return base::fail(base::ErrorCode::Internal, "{} compute threads could not be started.",
                      options.threads);
  }
  std::shared_ptr<ThreadPool> pool(new ThreadPool(std::move(handle), options.threads));
  if (options.gives_way) {
    std::vector<int> workers;
    std::ranges::set_difference(base::threads_named(kThreadName), others,
                                std::back_inserter(workers));
    pool->watch_cores(workers);
  }
  return pool;
}

void ThreadPool::watch_cores(std::span<const int> workers) {
  for (const int worker : workers) {
    auto wait = base::CoreWait::of(worker);
    if (!wait) return;
    workers_.push_back(std::move(*wait));
  }
  if (!workers_.empty()) share_.emplace(threads_);
}

std::chrono::nanoseconds ThreadPool::waited() const {
  std::chrono::nanoseconds sum = caller_ ? caller_->total() : std::chrono::nanoseconds{};
  for (const base::CoreWait& worker : workers_) sum += worker.total();
  return sum;
}

std::int32_t ThreadPool::begin_pass() {
  if (!share_) return threads_;
  if (const int caller = gettid(); caller != caller_id_) {
    caller_ = base::CoreWait::of(caller);
    caller_id_ = caller;
  }
  waited_before_ = waited();
  begin_ = FairShare::Clock::now();
  return share_->threads();
}

void ThreadPool::end_pass() {
  if (share_) share_->note(begin_, FairShare::Clock::now(), waited() - waited_before_);
}

}  // namespace shimmy::llama
