// The pulls that requests have started: one for each model, however many wait for it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "api/model_puller.h"

namespace shimmy::app {

// Each pull has a thread of its own, so that it outlives the request that began it.
class PullJobs final : public api::ModelPuller {
 public:
  // Blocks; see api::ModelPuller::pull.
  using Pull = std::function<base::Result<protocol::native::PullOutcome>(
      const protocol::native::PullRequest& wanted, const api::OnPullProgress& progress,
      const std::stop_token& stop)>;

  explicit PullJobs(Pull pull) : pull_(std::move(pull)) {}
  ~PullJobs() override;  // ends every pull; requires that nobody is inside pull()
  PullJobs(const PullJobs&) = delete;
  PullJobs& operator=(const PullJobs&) = delete;

  // Fails with Overloaded while kMaxPulls others go on.
  base::Result<protocol::native::PullOutcome> pull(const protocol::native::PullRequest& wanted,
                                                   const api::OnPullProgress& progress,
                                                   std::stop_token stop) override;

  bool cancel(std::string_view model) override;

  static constexpr std::size_t kMaxPulls = 4;

 private:
  using Outcome = base::Result<protocol::native::PullOutcome>;

  struct Job {
    // guarded by mutex_ of the jobs
    std::size_t waiting = 0;
    std::uint64_t told = 0;  // how often `last` has changed
    protocol::native::PullProgress last{.status = "resolving"};
    std::optional<Outcome> outcome;

    std::jthread thread;
  };
  using Key = std::pair<std::string, std::string>;  // model, quantization

  base::Result<std::shared_ptr<Job>> join(const protocol::native::PullRequest& wanted);
  void leave(const Key& key, const std::shared_ptr<Job>& job);
  void run(Job& job, const protocol::native::PullRequest& wanted, const std::stop_token& stop);

  const Pull pull_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<Key, std::shared_ptr<Job>> jobs_;  // guarded by mutex_
};

}  // namespace shimmy::app
