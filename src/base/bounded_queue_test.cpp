#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace shimmy::base {
namespace {

using namespace std::chrono_literals;

constexpr auto kDeadline = 10s;

template <class T>
bool comes(std::future<T>& future) {
  return future.wait_for(kDeadline) == std::future_status::ready;
}

TEST(BoundedQueue, GivesItemsBackInTheOrderTheyCame) {
  BoundedQueue<int> queue(3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.try_push(i + 1), PushResult::Pushed);
  EXPECT_EQ(queue.try_pop(), 1);
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_EQ(queue.try_pop(), 3);
  EXPECT_EQ(queue.try_pop(), std::nullopt);
}

TEST(BoundedQueue, RefusesWhenFullAndTakesAgainAfterAPop) {
  BoundedQueue<int> queue(2);
  EXPECT_EQ(queue.try_push(1), PushResult::Pushed);
  EXPECT_EQ(queue.try_push(2), PushResult::Pushed);
  EXPECT_EQ(queue.try_push(3), PushResult::Full);
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.try_pop(), 1);
  EXPECT_EQ(queue.try_push(3), PushResult::Pushed);
}

TEST(BoundedQueue, OfCapacityZeroIsAlwaysFull) {
  BoundedQueue<int> queue(0);
  EXPECT_EQ(queue.try_push(1), PushResult::Full);
  EXPECT_EQ(queue.capacity(), 0U);
}

TEST(BoundedQueue, LeavesARefusedItemWithTheCaller) {
  BoundedQueue<std::unique_ptr<std::string>> queue(1);
  auto first = std::make_unique<std::string>("first");
  ASSERT_EQ(queue.try_push(std::move(first)), PushResult::Pushed);
  auto second = std::make_unique<std::string>("second");
  // NOLINTBEGIN(bugprone-use-after-move): the contract under test
  EXPECT_EQ(queue.try_push(std::move(second)), PushResult::Full);
  ASSERT_NE(second, nullptr);
  queue.close();
  EXPECT_EQ(queue.try_push(std::move(second)), PushResult::Closed);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(*second, "second");
  // NOLINTEND(bugprone-use-after-move)
}

TEST(BoundedQueue, ClosedRefusesItemsButGivesOutWhatItHolds) {
  BoundedQueue<int> queue(4);
  ASSERT_EQ(queue.try_push(1), PushResult::Pushed);
  ASSERT_EQ(queue.try_push(2), PushResult::Pushed);
  EXPECT_FALSE(queue.is_closed());
  queue.close();
  EXPECT_TRUE(queue.is_closed());
  EXPECT_EQ(queue.try_push(3), PushResult::Closed);
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.try_pop(), 2);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_EQ(queue.try_pop(), std::nullopt);
}

TEST(BoundedQueue, SaysClosedRatherThanFull) {
  BoundedQueue<int> queue(1);
  ASSERT_EQ(queue.try_push(1), PushResult::Pushed);
  queue.close();
  EXPECT_EQ(queue.try_push(2), PushResult::Closed);
}

TEST(BoundedQueue, CanBeClosedTwice) {
  BoundedQueue<int> queue(1);
  queue.close();
  queue.close();
  EXPECT_TRUE(queue.is_closed());
}

TEST(BoundedQueue, ClosingWakesEverybodyWhoWaits) {
  BoundedQueue<int> queue(1);
  std::vector<std::future<std::optional<int>>> waiting;
  waiting.reserve(3);
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(std::async(std::launch::async, [&queue] { return queue.pop(); }));
  }
  EXPECT_NE(waiting[0].wait_for(20ms), std::future_status::ready);
  queue.close();
  for (auto& popped : waiting) {
    ASSERT_TRUE(comes(popped));
    EXPECT_EQ(popped.get(), std::nullopt);
  }
}

TEST(BoundedQueue, PushingWakesAWaitingPop) {
  BoundedQueue<int> queue(1);
  auto popped = std::async(std::launch::async, [&queue] { return queue.pop(); });
  EXPECT_EQ(queue.try_push(7), PushResult::Pushed);
  ASSERT_TRUE(comes(popped));
  EXPECT_EQ(popped.get(), 7);
}

TEST(BoundedQueue, StoppingWakesOnlyWhoAskedWithThatToken) {
  BoundedQueue<int> queue(1);
  std::stop_source source;
  auto stoppable = std::async(std::launch::async, [&] { return queue.pop(source.get_token()); });
  auto patient = std::async(std::launch::async, [&] { return queue.pop(); });
  source.request_stop();
  ASSERT_TRUE(comes(stoppable));
  EXPECT_EQ(stoppable.get(), std::nullopt);
  EXPECT_NE(patient.wait_for(20ms), std::future_status::ready);
  EXPECT_EQ(queue.try_push(1), PushResult::Pushed);
  ASSERT_TRUE(comes(patient));
  EXPECT_EQ(patient.get(), 1);
}

TEST(BoundedQueue, GivesOutItemsEvenAfterStop) {
  BoundedQueue<int> queue(2);
  const std::stop_source source;
  source.request_stop();
  ASSERT_EQ(queue.try_push(5), PushResult::Pushed);
  EXPECT_EQ(queue.pop(source.get_token()), 5);
  EXPECT_EQ(queue.pop(source.get_token()), std::nullopt);
}

TEST(BoundedQueue, LosesAndDoublesNothingBetweenManyThreads) {
  constexpr int kProducers = 4;
  constexpr int kItems = 2000;
  BoundedQueue<int> queue(8);
  std::atomic<long> sum = 0;
  std::atomic<int> count = 0;
  std::vector<std::jthread> consumers;
  consumers.reserve(kProducers);
  for (int i = 0; i < kProducers; ++i) {
    consumers.emplace_back([&] {
      while (const auto item = queue.pop()) {
        sum += *item;
        ++count;
      }
    });
  }
  {
    std::vector<std::jthread> producers;
    producers.reserve(kProducers);
    for (int p = 0; p < kProducers; ++p) {
      producers.emplace_back([&] {
        for (int i = 0; i < kItems; ++i) {
          while (queue.try_push(i + 1) == PushResult::Full) std::this_thread::yield();
        }
      });
    }
  }
  queue.close();
  consumers.clear();
  EXPECT_EQ(count, kProducers * kItems);
  EXPECT_EQ(sum, static_cast<long>(kProducers) * kItems * (kItems + 1) / 2);
}

TEST(BoundedQueue, NeverHoldsMoreThanItsCapacityUnderContention) {
  BoundedQueue<int> queue(3);
  std::atomic<int> pushed = 0;
  {
    std::vector<std::jthread> producers;
    producers.reserve(4);
    for (int p = 0; p < 4; ++p) {
      producers.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) {
          if (queue.try_push(i + 1) == PushResult::Pushed) ++pushed;
        }
      });
    }
  }
  EXPECT_EQ(pushed, 3);
  EXPECT_EQ(queue.size(), 3U);
}

}  // namespace
}  // namespace shimmy::base
