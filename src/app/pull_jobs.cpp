#include "app/pull_jobs.h"

#include <pthread.h>

#include <exception>
#include <utility>

#include "base/waiting.h"

namespace shimmy::app {

using base::ErrorCode;
using protocol::native::PullProgress;
using protocol::native::PullRequest;

PullJobs::~PullJobs() {
  decltype(jobs_) ended;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(jobs_);
  }
  for (const auto& [key, job] : ended) job->thread.request_stop();
}

PullJobs::Outcome PullJobs::pull(const PullRequest& wanted, const api::OnPullProgress& progress,
                                 std::stop_token stop) {
  auto joined = join(wanted);
  if (!joined) return std::unexpected(std::move(joined).error());
  const std::shared_ptr<Job> job = std::move(*joined);
  const base::Waiting waiting;
  std::uint64_t heard = 0;
  std::optional<Outcome> outcome;
  bool is_stopped = false;
  while (!outcome && !is_stopped) {
    std::unique_lock lock(mutex_);
    is_stopped = !changed_.wait(lock, stop, [&] { return job->told > heard || job->outcome; });
    outcome = job->outcome;
    if (job->told == heard) continue;
    heard = job->told;
    const PullProgress last = job->last;
    lock.unlock();
    progress(last);
  }
  leave({wanted.model, wanted.quantization}, job);
  if (outcome && !*outcome && outcome->error().code == ErrorCode::Cancelled) {
    return base::fail(ErrorCode::Unavailable, "The pull of {} was cancelled by another request.",
                      wanted.model);
  }
  if (outcome) return *std::move(outcome);
  return base::fail(ErrorCode::Cancelled, "Nobody waits for {} any more.", wanted.model);
}

base::Result<std::shared_ptr<PullJobs::Job>> PullJobs::join(const PullRequest& wanted) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Job>& job = jobs_[{wanted.model, wanted.quantization}];
  if (!job) {
    if (jobs_.size() > kMaxPulls) {
      jobs_.erase({wanted.model, wanted.quantization});
      return base::fail(ErrorCode::Overloaded, "{} pulls are running already: try again later.",
                        kMaxPulls);
    }
    job = std::make_shared<Job>();
    job->thread = std::jthread(
        [this, &held = *job, wanted](const std::stop_token& stop) { run(held, wanted, stop); });
  }
  ++job->waiting;
  return job;
}

// The last one out ends the pull, and waits for its thread outside the lock.
void PullJobs::leave(const Key& key, const std::shared_ptr<Job>& job) {
  std::shared_ptr<Job> ended;
  {
    const std::lock_guard lock(mutex_);
    if (--job->waiting > 0) return;
    const auto found = jobs_.find(key);
    if (found == jobs_.end() || found->second != job) return;
    ended = std::move(found->second);
    jobs_.erase(found);
  }
  ended->thread.request_stop();
  ended->thread.join();
}

bool PullJobs::cancel(std::string_view model) {
  const std::lock_guard lock(mutex_);
  bool found = false;
  for (const auto& [key, job] : jobs_) {
    if (key.first != model) continue;
    job->thread.request_stop();
    found = true;
  }
  return found;
}

void PullJobs::run(Job& job, const PullRequest& wanted, const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "pull");
  const auto tell = [&](const PullProgress& progress) {
    {
      const std::lock_guard lock(mutex_);
      job.last = progress;
      ++job.told;
    }
    changed_.notify_all();
  };
  Outcome outcome = [&]() -> Outcome {
    try {
      return pull_(wanted, tell, stop);
    } catch (const std::exception& exception) {
      return base::fail(ErrorCode::Internal, "The pull of {} failed: {}.", wanted.model,
                        exception.what());
    }
  }();
  {
    const std::lock_guard lock(mutex_);
    job.outcome = std::move(outcome);
  }
  changed_.notify_all();
}

}  // namespace shimmy::app
