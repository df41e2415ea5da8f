#include "models/model_pool.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace shimmy::models {

using base::ErrorCode;
using generation::Engine;
using EngineResult = base::Result<std::shared_ptr<Engine>>;

namespace {

EngineResult refuse() {
  return base::fail(ErrorCode::Unavailable, "The server is shutting down. Try again later.");
}

// A factory that throws must not leave its waiters behind.
EngineResult run(const EngineFactory& factory, const ModelEntry& entry,
                 const LoadProgress& progress) {
  try {
    EngineResult engine = factory({.entry = entry, .progress = progress});
    if (engine && !*engine) {
      return base::fail(ErrorCode::Internal, "The factory gave no engine for {}.", entry.name);
    }
    return engine;
  } catch (const std::exception& exception) {
    return base::fail(ErrorCode::ModelLoadFailed, "The model {} could not be loaded: {}.",
                      entry.name, exception.what());
  }
}

}  // namespace

ModelPool::ModelPool(EngineFactory factory, const base::Clock& clock)
    : factory_(std::move(factory)), clock_(clock) {}

ModelPool::~ModelPool() { stop(); }

EngineResult ModelPool::acquire(const ModelEntry& entry) {
  std::shared_ptr<Slot> slot;
  {
    std::unique_lock lock(mutex_);
    if (draining_) return refuse();
    std::shared_ptr<Slot>& known = slots_[entry.path.string()];
    if (known && known->state == Slot::State::Failed && !is_remembered(*known, entry)) {
      known = nullptr;
    }
    if (known) {
      slot = known;
      loaded_or_failed_.wait(lock, [&] { return slot->state != Slot::State::Loading; });
      if (slot->state == Slot::State::Loaded) return slot->engine;
      return std::unexpected(slot->error);
    }
    slot = known = std::make_shared<Slot>();
  }
  return load(entry, slot);
}

bool ModelPool::is_remembered(const Slot& slot, const ModelEntry& entry) const {
  return clock_.now() - slot.failed_at < kFailureMemory && slot.size_bytes == entry.size_bytes &&
         slot.modified == entry.modified;
}

EngineResult ModelPool::load(const ModelEntry& entry, const std::shared_ptr<Slot>& slot) {
  const LoadProgress progress = [this](float) {
    const std::lock_guard lock(mutex_);
    return !draining_;
  };
  EngineResult engine = run(factory_, entry, progress);
  {
    const std::lock_guard lock(mutex_);
    if (draining_) engine = refuse();
    slot->state = engine ? Slot::State::Loaded : Slot::State::Failed;
    if (engine) {
      slot->engine = *engine;
    } else {
      slot->error = engine.error();
      slot->failed_at = clock_.now();
      slot->size_bytes = entry.size_bytes;
      slot->modified = entry.modified;
    }
  }
  loaded_or_failed_.notify_all();
  return engine;
}

std::vector<std::shared_ptr<Engine>> ModelPool::engines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Engine>> result;
  for (const auto& [path, slot] : slots_) {
    if (slot->engine) result.push_back(slot->engine);
  }
  return result;
}

std::size_t ModelPool::loaded() const { return engines().size(); }

void ModelPool::drain() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  for (const auto& engine : engines()) engine->drain();
}

bool ModelPool::wait_idle(const std::stop_token& stop) {
  return std::ranges::all_of(engines(),
                             [&](const auto& engine) { return engine->wait_idle(stop); });
}

void ModelPool::stop() {
  drain();
  Slots dropped;  // destroyed outside the lock: an engine may take a while to stop
  {
    const std::lock_guard lock(mutex_);
    dropped.swap(slots_);
  }
}

}  // namespace shimmy::models
