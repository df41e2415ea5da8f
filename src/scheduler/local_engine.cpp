#include "scheduler/local_engine.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace shimmy::scheduler {

using base::Error;
using base::ErrorCode;
using base::fail;
using base::Result;
using generation::Event;
using generation::Generation;
using generation::Request;

// Wakes the engine's thread. Shared with every Outbox, which may outlive the engine.
class LocalEngine::Doorbell {
 public:
  void ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    changed_.notify_one();
  }

  // Blocks until somebody rings, `stop` is requested or `patience` is over. True when it rang.
  bool wait(const std::stop_token& stop, std::optional<base::Clock::duration> patience) {
    std::unique_lock lock(mutex_);
    const auto rung = [&] { return rung_; };
    if (patience) {
      changed_.wait_for(lock, stop, *patience, rung);
    } else {
      changed_.wait(lock, stop, rung);
    }
    return std::exchange(rung_, false);
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool rung_ = false;  // guarded by mutex_
};

namespace {

class LocalGeneration final : public Generation {
 public:
  explicit LocalGeneration(std::shared_ptr<Outbox> outbox) : outbox_(std::move(outbox)) {}
  ~LocalGeneration() override { outbox_->cancel(); }
  LocalGeneration(const LocalGeneration&) = delete;
  LocalGeneration& operator=(const LocalGeneration&) = delete;

  std::optional<Event> next(std::stop_token stop) override {
    return outbox_->next(std::move(stop));
  }
  std::optional<Event> poll() override { return outbox_->poll(); }
  void on_event(std::function<void()> wake) override { outbox_->on_event(std::move(wake)); }

 private:
  const std::shared_ptr<Outbox> outbox_;
};

const Error& stopped() {
  static const Error error{
      ErrorCode::Unavailable, "The model was stopped before the request was finished.", {}, {}};
  return error;
}

}  // namespace

LocalEngine::LocalEngine(EngineParts parts, const EngineOptions& options)
    : parts_(std::move(parts)),
      options_(options),
      doorbell_(std::make_shared<Doorbell>()),
      shares_(options.max_queued),
      inbox_(options.max_queued),
      scheduler_(*parts_.decoder, *parts_.tokenizer, *parts_.clock, *parts_.turns,
                 options.target_step_ms, parts_.log),
      load_(scheduler_.load()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

LocalEngine::~LocalEngine() = default;

Result<void> LocalEngine::check(const Request& request) const {
  if (auto valid = generation::validate(request); !valid) return valid;
  const std::size_t context = parts_.decoder->limits().cells;
  if (request.prompt.size() >= context) {
    return fail(ErrorCode::ContextOverflow,
                "The prompt has {} tokens, but this model's context holds {} with the answer: "
                "shorten it, or "
                "load the model with a longer context.",
                request.prompt.size(), context);
  }
  const std::size_t attainable = parts_.decoder->attainable_cells();
  if (request.prompt.size() >= attainable) {
    return std::unexpected(no_memory_for(request.prompt.size(), attainable, context));
  }
  const auto unknown = std::ranges::find_if(request.prompt, [&](Token token) {
    return token < 0 || static_cast<std::size_t>(token) >= parts_.tokenizer->size();
  });
  if (unknown != request.prompt.end()) {
    return base::fail_field("prompt",
                            "The prompt's token {} is not in the model's vocabulary of {} tokens.",
                            *unknown, parts_.tokenizer->size());
  }
  const auto unknown_in = [&](const char* field, Token token) {
    return base::fail_field(field, "{} names token {}, but the model's vocabulary has {} tokens.",
                            field, token, parts_.tokenizer->size());
  };
  const auto is_known = [&](Token token) {
    return static_cast<std::size_t>(token) < parts_.tokenizer->size();
  };
  for (const auto& [token, bias] : request.sampling.logit_bias) {
    if (!is_known(token)) return unknown_in("logit_bias", token);
  }
  for (const Token token : request.stop_tokens) {
    if (!is_known(token)) return unknown_in("stop_token_ids", token);
  }
  return {};
}

Result<std::unique_ptr<Generation>> LocalEngine::submit(Request request) {
  if (auto ok = check(request); !ok) return std::unexpected(ok.error());
  auto sampler = parts_.make_sampler(request);
  if (!sampler) return std::unexpected(sampler.error());
  auto outbox =
      std::make_shared<Outbox>(options_.outbox_events, [bell = doorbell_] { bell->ring(); });
  {
    const std::lock_guard lock(mutex_);
    if (draining_) {
      return fail(ErrorCode::Unavailable, "The model is being stopped and takes no new requests.");
    }
    // Everything in the inbox has a place in line, so the inbox has room for whoever gets one.
    auto place = shares_.enter(request.client);
    if (!place) {
      return fail(ErrorCode::Overloaded,
                  "{} requests wait for this model already: try again later.", shares_.waiting());
    }
    inbox_.try_push(
        {std::move(request), std::move(*sampler), outbox, parts_.clock->now(), std::move(place)});
    idle_ = false;
  }
  doorbell_->ring();
  return std::make_unique<LocalGeneration>(std::move(outbox));
}

generation::EngineLoad LocalEngine::load() const {
  const std::lock_guard lock(mutex_);
  generation::EngineLoad load = load_;
  load.queued += inbox_.size();
  return load;
}

void LocalEngine::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

void LocalEngine::stop() {
  drain();
  thread_.request_stop();
}

bool LocalEngine::wait_idle(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return idle_changed_.wait(lock, std::move(stop), [&] { return idle_; });
}

void LocalEngine::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "engine");
  while (!stop.stop_requested()) {
    take_inbox();
    bool worked = false;
    try {
      worked = scheduler_.step(stop);
    } catch (const std::exception& exception) {
      parts_.log.error("a step threw: {}", exception.what());
      scheduler_.fail_all({ErrorCode::Internal, "The scheduler failed.", exception.what(), {}});
    }
    report();
    if (!worked) rest(stop);
  }
  drain();
  take_inbox();
  scheduler_.fail_all(stopped());
  report();
}

void LocalEngine::rest(const std::stop_token& stop) {
  std::optional<base::Clock::duration> patience;
  if (const auto deadline = scheduler_.next_deadline()) {
    patience = *deadline - parts_.clock->now();
  } else if (scheduler_.is_idle()) {
    patience = options_.shrink_after;
  }
  const bool rung = doorbell_->wait(stop, patience);
  if (!rung && !stop.stop_requested() && scheduler_.shrink()) report();
}

void LocalEngine::take_inbox() {
  while (auto submission = inbox_.try_pop()) scheduler_.add(std::move(*submission));
}

void LocalEngine::report() {
  {
    const std::lock_guard lock(mutex_);
    load_ = scheduler_.load();
    idle_ = scheduler_.is_idle() && inbox_.size() == 0;
  }
  idle_changed_.notify_all();
}

}  // namespace shimmy::scheduler
