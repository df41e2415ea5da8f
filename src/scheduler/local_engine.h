// An Engine in this process: one thread that owns the model's context and steps the scheduler.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "base/log.h"
#include "generation/engine.h"
#include "scheduler/batch_scheduler.h"
#include "scheduler/compute_turns.h"
#include "scheduler/decoder.h"
#include "scheduler/queue_shares.h"
#include "scheduler/sampler.h"

namespace shimmy::scheduler {

struct EngineOptions {
  std::size_t max_queued =
      1024;  // requests that wait for a sequence (see QueueShares); more are refused as Overloaded
  std::size_t outbox_events = 256;  // unread events at which a generation pauses
  double target_step_ms = 80;       // length of a step while streams wait for tokens
  // Without a request for so long, it gives the memory back that its context grew by.
  std::chrono::milliseconds shrink_after{30'000};
};

// What an engine is made of. All of it lives as long as the engine.
struct EngineParts {
  std::unique_ptr<Decoder> decoder;
  std::shared_ptr<const generation::Tokenizer> tokenizer;
  SamplerFactory make_sampler;
  generation::ModelFacts facts;
  std::shared_ptr<ComputeTurns> turns = std::make_shared<ComputeTurns>();
  std::shared_ptr<const base::Clock> clock = std::make_shared<base::SteadyClock>();
  base::Logger log;
};

class LocalEngine final : public generation::Engine {
 public:
  LocalEngine(EngineParts parts, const EngineOptions& options);
  ~LocalEngine() override;  // ends what runs with Unavailable, joins the thread

  base::Result<std::unique_ptr<generation::Generation>> submit(
      generation::Request request) override;
  const generation::ModelFacts& facts() const override { return parts_.facts; }
  const generation::Tokenizer& tokenizer() const override { return *parts_.tokenizer; }
  generation::EngineLoad load() const override;
  void drain() override;
  void stop() override;
  bool wait_idle(std::stop_token stop = {}) override;

 private:
  class Doorbell;

  base::Result<void> check(const generation::Request& request) const;
  void run(const std::stop_token& stop);
  void take_inbox();
  void report();
  void rest(const std::stop_token& stop);

  // constant after construction, or with a lock of their own
  const EngineParts parts_;
  const EngineOptions options_;
  const std::shared_ptr<Doorbell> doorbell_;
  QueueShares shares_;  // of the line: the inbox, and what waits in the scheduler
  base::BoundedQueue<Submission> inbox_;

  BatchScheduler scheduler_;  // engine thread only

  mutable std::mutex mutex_;
  std::condition_variable_any idle_changed_;
  // guarded by mutex_
  generation::EngineLoad load_;
  bool idle_ = true;
  bool draining_ = false;

  std::jthread thread_;  // last: it uses everything above
};

}  // namespace shimmy::scheduler
