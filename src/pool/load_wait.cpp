#include "pool/load_wait.h"

#include <list>
#include <utility>

#include "base/waiting.h"

namespace shimmy::pool {
namespace {

using SlotResult = base::Result<std::shared_ptr<PoolSlot>>;

// Takes part in the progress of a load as long as it lives. Not while the pool's mutex is held.
class Listening {
 public:
  Listening() = default;
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() { end(); }

  void begin(std::shared_ptr<LoadJob> job, const LoadProgress& progress) {
    if (!progress) return;
    job_ = std::move(job);
    const std::lock_guard lock(job_->listeners_mutex);
    place_ = job_->listeners.insert(job_->listeners.end(), progress);
  }

  void end() {
    if (!job_) return;
    {
      const std::lock_guard lock(job_->listeners_mutex);
      job_->listeners.erase(place_);
    }
    job_.reset();
  }

 private:
  std::shared_ptr<LoadJob> job_;  // null: none
  std::list<LoadProgress>::iterator place_;
};

// The outcome of a load that is done, for one of those who waited: settle() has counted them.
SlotResult outcome(const LoadJob& job) {
  if (job.error) return std::unexpected(*job.error);
  return job.slot;
}

}  // namespace

std::optional<SlotResult> wait_for_load(PoolState& pool, std::unique_lock<std::mutex>& lock,
                                        std::shared_ptr<LoadJob> job,  // the slot lets it go
                                        const LoadProgress& progress, const std::stop_token& stop) {
  const base::Waiting waiting;
  if (job->aborted) {
    pool.changed.wait(lock, stop, [&] { return job->done; });
    return std::nullopt;
  }
  ++job->waiters;
  lock.unlock();
  Listening listening;
  listening.begin(job, progress);
  lock.lock();
  pool.changed.wait(lock, stop, [&] { return job->done || pool.is_draining; });
  if (!job->done) {
    if (--job->waiters == 0) job->aborted = true;
    pool.changed.notify_all();
  }
  const std::optional<SlotResult> result = job->done ? std::optional(outcome(*job)) : std::nullopt;
  lock.unlock();
  listening.end();
  lock.lock();
  return result;
}

}  // namespace shimmy::pool
