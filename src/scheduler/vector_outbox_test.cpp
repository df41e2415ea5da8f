#include "scheduler/vector_outbox.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace shimmy::scheduler {
namespace {

using generation::Vector;

VectorOutbox::Item failure() { return base::fail(base::ErrorCode::GenerationFailed, "no"); }

TEST(VectorOutbox, GivesVectorsInOrderAndThenNothing) {
  VectorOutbox outbox(2);
  outbox.push(Vector{1});
  outbox.push(Vector{2});
  EXPECT_EQ(**outbox.next({}), Vector{1});
  EXPECT_EQ(**outbox.poll(), Vector{2});
  EXPECT_FALSE(outbox.next({}));
  EXPECT_FALSE(outbox.poll());
}

TEST(VectorOutbox, EndsWithAnError) {
  VectorOutbox outbox(3);
  outbox.push(Vector{1});
  outbox.push(failure());
  outbox.push(Vector{2});
  outbox.push(failure());
  EXPECT_TRUE(outbox.next({})->has_value());
  EXPECT_FALSE(outbox.next({})->has_value());
  EXPECT_FALSE(outbox.next({}));
}

TEST(VectorOutbox, DropsWhatIsMoreThanWasAskedFor) {
  VectorOutbox outbox(1);
  outbox.push(Vector{1});
  outbox.push(Vector{2});
  EXPECT_EQ(**outbox.next({}), Vector{1});
  EXPECT_FALSE(outbox.next({}));
}

TEST(VectorOutbox, WakesOnceForEachTimeNothingWasFound) {
  VectorOutbox outbox(3);
  int woken = 0;
  outbox.on_vector([&] { ++woken; });
  outbox.push(Vector{1});
  outbox.push(Vector{2});
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(outbox.poll());
  EXPECT_TRUE(outbox.poll());
  EXPECT_FALSE(outbox.poll());
  outbox.push(Vector{3});
  EXPECT_EQ(woken, 2);
}

TEST(VectorOutbox, WakesAtOnceWhenSomethingWaits) {
  VectorOutbox outbox(1);
  outbox.push(Vector{1});
  bool woken = false;
  outbox.on_vector([&] { woken = true; });
  EXPECT_TRUE(woken);
}

TEST(VectorOutbox, NextWaitsForAVector) {
  VectorOutbox outbox(1);
  auto waiting = std::async(std::launch::async, [&] { return outbox.next({}); });
  outbox.push(Vector{4});
  ASSERT_EQ(waiting.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(**waiting.get(), Vector{4});
}

TEST(VectorOutbox, NextEndsWhenAskedToStop) {
  VectorOutbox outbox(1);
  std::stop_source stop;
  auto waiting = std::async(std::launch::async, [&] { return outbox.next(stop.get_token()); });
  stop.request_stop();
  ASSERT_EQ(waiting.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_FALSE(waiting.get());
}

TEST(VectorOutbox, ACancelledOneWakesNobody) {
  VectorOutbox outbox(1);
  bool woken = false;
  outbox.on_vector([&] { woken = true; });
  EXPECT_FALSE(outbox.is_cancelled());
  outbox.cancel();
  EXPECT_TRUE(outbox.is_cancelled());
  outbox.push(Vector{1});
  EXPECT_FALSE(woken);
}

}  // namespace
}  // namespace shimmy::scheduler
