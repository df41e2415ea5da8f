#include "chat/plan_cache.h"

#include <utility>

namespace shimmy::chat {

std::shared_ptr<const AnswerPlan> PlanCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(key);
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  return place->second->plan;
}

void PlanCache::put(const std::string& key, std::shared_ptr<const AnswerPlan> plan) {
  // The format holds about as much as the key says.
  const std::size_t bytes = 3 * key.size() + plan->constraint.text.size() + 1024;
  if (bytes > max_bytes_) return;
  const std::lock_guard lock(mutex_);
  if (places_.contains(key)) return;
  entries_.push_front({key, std::move(plan), bytes});
  places_.emplace(entries_.front().key, entries_.begin());
  bytes_ += bytes;
  while (bytes_ > max_bytes_) {
    bytes_ -= entries_.back().bytes;
    places_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

std::size_t PlanCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace shimmy::chat
