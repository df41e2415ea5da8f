#include "scheduler/compute_turns.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

namespace shimmy::scheduler {
namespace {

constexpr std::chrono::seconds kLong{20};

// Until so many wait for their turn.
void wait_for_line(const ComputeTurns& turns, std::size_t waiting) {
  while (turns.waiting() < waiting) std::this_thread::yield();
}

TEST(ComputeTurns, GivesAFreeTurnAtOnce) {
  ComputeTurns turns;
  EXPECT_TRUE(turns.take());
  EXPECT_TRUE(turns.take()) << "the first has ended";
  EXPECT_EQ(turns.waiting(), 0U);
}

TEST(ComputeTurns, LetsNobodyInUntilTheTurnEnds) {
  ComputeTurns turns;
  auto first = turns.take();
  auto second = std::async(std::launch::async, [&] { return turns.take().has_value(); });
  wait_for_line(turns, 1);
  EXPECT_EQ(second.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  first.reset();
  ASSERT_EQ(second.wait_for(kLong), std::future_status::ready);
  EXPECT_TRUE(second.get());
}

TEST(ComputeTurns, GoesByTheOrderOfArrival) {
  ComputeTurns turns;
  auto first = turns.take();
  std::vector<int> order;  // guarded by the turns themselves
  std::vector<std::jthread> others;
  for (int i = 0; i < 4; ++i) {
    others.emplace_back([&, i] {
      const auto turn = turns.take();
      order.push_back(i);
    });
    wait_for_line(turns, static_cast<std::size_t>(i) + 1);
  }
  first.reset();
  others.clear();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST(ComputeTurns, AlternatesBetweenTwoThatAlwaysWantMore) {
  ComputeTurns turns;
  std::vector<int> order;
  const auto compute = [&](int who) {
    for (int i = 0; i < 200; ++i) {
      const auto turn = turns.take();
      order.push_back(who);
      // The next of the other is in line before this turn ends: what a fair line must not overtake.
      if (i < 199) wait_for_line(turns, 1);
    }
  };
  {
    const std::jthread one([&] { compute(1); });
    const std::jthread two([&] { compute(2); });
  }
  ASSERT_EQ(order.size(), 400U);
  for (std::size_t i = 1; i < order.size(); ++i) EXPECT_NE(order[i], order[i - 1]) << i;
}

TEST(ComputeTurns, StopsWaitingWhenAskedTo) {
  ComputeTurns turns;
  const auto first = turns.take();
  std::stop_source stop;
  auto second =
      std::async(std::launch::async, [&] { return turns.take(stop.get_token()).has_value(); });
  wait_for_line(turns, 1);
  stop.request_stop();
  ASSERT_EQ(second.wait_for(kLong), std::future_status::ready);
  EXPECT_FALSE(second.get());
  EXPECT_EQ(turns.waiting(), 0U);
}

TEST(ComputeTurns, PassesOverThoseWhoLeftTheLine) {
  ComputeTurns turns;
  auto first = turns.take();
  std::stop_source stop;
  auto leaver =
      std::async(std::launch::async, [&] { return turns.take(stop.get_token()).has_value(); });
  wait_for_line(turns, 1);
  auto patient = std::async(std::launch::async, [&] { return turns.take().has_value(); });
  wait_for_line(turns, 2);
  stop.request_stop();
  EXPECT_FALSE(leaver.get());
  first.reset();
  ASSERT_EQ(patient.wait_for(kLong), std::future_status::ready);
  EXPECT_TRUE(patient.get());
}

TEST(ComputeTurns, GivesAFreeTurnEvenAfterAStopRequest) {
  ComputeTurns turns;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(turns.take(stop.get_token()));
}

TEST(ComputeTurns, EndsATurnOnceHoweverOftenItMoves) {
  ComputeTurns turns;
  std::future<bool> other;
  {
    auto turn = turns.take();
    const ComputeTurns::Turn moved = std::move(*turn);
    turn.reset();
    other = std::async(std::launch::async, [&] { return turns.take().has_value(); });
    wait_for_line(turns, 1);
    EXPECT_EQ(other.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  }
  EXPECT_TRUE(other.get());
}

TEST(ComputeTurns, CountsThoseWhoHaveWork) {
  ComputeTurns turns;
  EXPECT_EQ(turns.working(), 0U);
  {
    const ComputeTurns::Work one(turns);
    const ComputeTurns::Work two(turns);
    EXPECT_EQ(turns.working(), 2U);
  }
  EXPECT_EQ(turns.working(), 0U);
}

}  // namespace
}  // namespace shimmy::scheduler
