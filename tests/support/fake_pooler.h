// A Pooler without a model: the vector of an input is {its first token, its length}.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "scheduler/pooler.h"

namespace shimmy::support {

// The embedder's thread calls embed(), tests all the rest.
class FakePooler final : public scheduler::Pooler {
 public:
  explicit FakePooler(Limits limits = {8, 4}) : limits_(limits) {}

  const Limits& limits() const override { return limits_; }

  base::Result<std::vector<generation::Vector>> embed(
      std::span<const Input> inputs, const std::function<bool()>& should_abort) override;

  // From now on each embed() waits until open(), or until should_abort says so.
  void close();
  void open();

  // Blocks until `count` batches have begun.
  void wait_for_batches(std::size_t count);

  // Batches from now on give this instead of vectors; std::exception when it throws.
  void answer(std::function<base::Result<std::vector<generation::Vector>>()> answer);

  // The inputs' first tokens, batch by batch.
  std::vector<std::vector<generation::Token>> batches() const;
  std::size_t aborted() const;

 private:
  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // guarded by mutex_
  std::vector<std::vector<generation::Token>> batches_;
  std::function<base::Result<std::vector<generation::Vector>>()> answer_;
  std::size_t aborted_ = 0;
  bool is_closed_ = false;
};

}  // namespace shimmy::support
