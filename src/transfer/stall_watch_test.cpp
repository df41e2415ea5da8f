#include "transfer/stall_watch.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace shimmy::transfer {
namespace {

using std::chrono::seconds;

class StallWatchTest : public testing::Test {
 protected:
  support::FakeClock clock_;
  Timeouts timeouts_{.stall = seconds(10), .stall_bytes = 100};
};

TEST_F(StallWatchTest, GivesUpOnTooLittle) {
  StallWatch watch(timeouts_, clock_);
  clock_.advance(seconds(9));
  EXPECT_FALSE(watch.is_over());
  watch.count(99);
  clock_.advance(seconds(1));
  EXPECT_TRUE(watch.is_over());
}

TEST_F(StallWatchTest, LooksAtEachSpanAlone) {
  StallWatch watch(timeouts_, clock_);
  watch.count(1000);
  clock_.advance(seconds(10));
  EXPECT_FALSE(watch.is_over());
  clock_.advance(seconds(10));
  EXPECT_TRUE(watch.is_over());
}

TEST_F(StallWatchTest, ForgetsWhatTheReceiverTook) {
  StallWatch watch(timeouts_, clock_);
  clock_.advance(seconds(30));
  watch.restart();
  EXPECT_FALSE(watch.is_over());
}

TEST_F(StallWatchTest, WaitsForEverWhereItIsOff) {
  timeouts_.stall = seconds(0);
  StallWatch watch(timeouts_, clock_);
  clock_.advance(seconds(100'000));
  EXPECT_FALSE(watch.is_over());
}

}  // namespace
}  // namespace shimmy::transfer
