#include "pool/caretaker.h"

#include <pthread.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "pool/slot_use.h"

namespace shimmy::pool {
namespace {

// A model that is to go and that nobody uses. Null: none. With the mutex held.
std::shared_ptr<PoolSlot> unused_victim(const PoolState& pool) {
  for (const auto& [path, slot] : pool.slots) {
    if (slot->state == ModelState::Draining && slot->users == 0 && !slot->is_going) return slot;
  }
  return nullptr;
}

// A load whose thread has nothing more to do. Null: none. With the mutex held.
std::shared_ptr<LoadJob> take_done(PoolState& pool) {
  const auto done = std::ranges::find_if(pool.jobs, [](const auto& job) { return job->done; });
  if (done == pool.jobs.end()) return nullptr;
  auto job = std::move(*done);
  pool.jobs.erase(done);
  return job;
}

// False: there was nothing to do. With the mutex held, which is let go meanwhile.
bool work(PoolState& pool, std::unique_lock<std::mutex>& lock) {
  if (const auto job = take_done(pool)) {
    lock.unlock();
    job->thread.join();
    lock.lock();
    return true;
  }
  if (const auto victim = unused_victim(pool)) {
    victim->is_going = true;
    lock.unlock();
    let_go(pool, *victim);
    lock.lock();
    return true;
  }
  return false;
}

void run(PoolState& pool, const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "caretaker");
  std::unique_lock lock(pool.mutex);
  while (!stop.stop_requested()) {
    const auto next = expire(pool);
    if (work(pool, lock)) continue;
    // Nothing has changed since the look: the mutex was held all the time. So any wake-up counts.
    const auto woken = [asked = false]() mutable { return std::exchange(asked, true); };
    if (!next) {
      pool.changed.wait(lock, stop, woken);
    } else {
      pool.changed.wait_for(lock, stop, *next - pool.clock->now(), woken);
    }
  }
}

}  // namespace

std::optional<base::Clock::time_point> expire(PoolState& pool) {
  std::optional<base::Clock::time_point> next;
  for (const auto& [path, slot] : pool.slots) {
    const auto patience = slot->keep_alive.duration;
    if (slot->state != ModelState::Ready || slot->pinned || slot->users > 0 || !patience) continue;
    constexpr std::chrono::seconds longest = std::chrono::years(10);  // no overflow
    const auto due = slot->last_used + std::min(*patience, longest);
    if (pool.clock->now() < due) {
      next = std::min(next.value_or(due), due);
    } else if (is_idle(*slot)) {
      slot->state = ModelState::Draining;
      pool.changed.notify_all();
    } else {
      slot->last_used = pool.clock->now();
      const auto later = slot->last_used + std::max(*patience, std::chrono::seconds(1));
      next = std::min(next.value_or(later), later);
    }
  }
  return next;
}

Caretaker::Caretaker(std::shared_ptr<PoolState> pool)
    : pool_(std::move(pool)), thread_([this](const std::stop_token& stop) { run(*pool_, stop); }) {}

void Caretaker::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace shimmy::pool
