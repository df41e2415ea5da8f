// The plans of recent requests, so that what tools and schemas cost is paid once.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "chat/answer_plan.h"

namespace shimmy::chat {

// Any thread may call any member.
class PlanCache {
 public:
  explicit PlanCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  std::shared_ptr<const AnswerPlan> find(const std::string& key);

  // Drops what was not used for the longest time once keys and constraints exceed the bound. A plan
  // that is too large alone is not kept.
  void put(const std::string& key, std::shared_ptr<const AnswerPlan> plan);

  std::size_t bytes() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const AnswerPlan> plan;
    std::size_t bytes;
  };

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // guarded by mutex_; the latest first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> places_;  // guarded by mutex_
  std::size_t bytes_ = 0;                                                    // guarded by mutex_
};

}  // namespace shimmy::chat
