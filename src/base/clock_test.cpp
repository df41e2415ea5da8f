#include "base/clock.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace shimmy::base {
namespace {

using namespace std::chrono_literals;

TEST(Clock, SaysMillisecondsWithFractions) {
  EXPECT_DOUBLE_EQ(milliseconds(1500us), 1.5);
  EXPECT_DOUBLE_EQ(milliseconds(2s), 2000);
  EXPECT_DOUBLE_EQ(milliseconds(-1ms), -1);
}

TEST(SteadyClock, NeverGoesBack) {
  const SteadyClock clock;
  Clock::time_point last = clock.now();
  for (int i = 0; i < 1000; ++i) {
    const Clock::time_point now = clock.now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(FakeClock, StandsStillUntilItIsMoved) {
  support::FakeClock clock;
  const Clock::time_point start = clock.now();
  EXPECT_EQ(clock.now(), start);
  clock.advance(5ms);
  EXPECT_EQ(clock.now() - start, 5ms);
}

}  // namespace
}  // namespace shimmy::base
