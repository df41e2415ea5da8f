#include "support/fake_pooler.h"

#include <chrono>
#include <utility>

namespace shimmy::support {

using generation::Vector;

base::Result<std::vector<Vector>> FakePooler::embed(std::span<const Input> inputs,
                                                    const std::function<bool()>& should_abort) {
  std::unique_lock lock(mutex_);
  auto& batch = batches_.emplace_back();
  for (const Input& input : inputs) batch.push_back(input.front());
  changed_.notify_all();
  // As a real pass does, it asks again and again.
  while (is_closed_) {
    changed_.wait_for(lock, std::chrono::milliseconds(1));
    if (!should_abort()) continue;
    ++aborted_;
    changed_.notify_all();
    return base::fail(base::ErrorCode::Cancelled, "The embedding was cancelled.");
  }
  if (answer_) return answer_();
  std::vector<Vector> vectors;
  for (const Input& input : inputs) {
    vectors.push_back({static_cast<float>(input.front()), static_cast<float>(input.size())});
  }
  return vectors;
}

void FakePooler::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
}

void FakePooler::open() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = false;
  }
  changed_.notify_all();
}

void FakePooler::wait_for_batches(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return batches_.size() >= count; });
}

void FakePooler::answer(std::function<base::Result<std::vector<Vector>>()> answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

std::vector<std::vector<generation::Token>> FakePooler::batches() const {
  const std::lock_guard lock(mutex_);
  return batches_;
}

std::size_t FakePooler::aborted() const {
  const std::lock_guard lock(mutex_);
  return aborted_;
}

}  // namespace shimmy::support
