#include "models/debounce.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace shimmy::models {
namespace {

using std::chrono_literals::operator""ms;

class DebounceTest : public testing::Test {
 protected:
  support::FakeClock clock_;
  Debounce debounce_{clock_, {.quiet = 200ms, .longest = 1000ms}};
};

TEST_F(DebounceTest, WaitsForNothingAtFirst) {
  EXPECT_FALSE(debounce_.wait());
  EXPECT_FALSE(debounce_.due());
}

TEST_F(DebounceTest, IsDueOnceWhenItHasBeenQuiet) {
  debounce_.event();
  EXPECT_EQ(debounce_.wait(), 200ms);
  clock_.advance(199ms);
  EXPECT_FALSE(debounce_.due());
  clock_.advance(1ms);
  EXPECT_TRUE(debounce_.due());
  EXPECT_FALSE(debounce_.due());
  EXPECT_FALSE(debounce_.wait());
}

TEST_F(DebounceTest, StartsAgainWithEachEvent) {
  debounce_.event();
  clock_.advance(150ms);
  debounce_.event();
  clock_.advance(150ms);
  EXPECT_FALSE(debounce_.due());
  EXPECT_EQ(debounce_.wait(), 50ms);
}

TEST_F(DebounceTest, DoesNotWaitForEver) {
  for (int i = 0; i < 9; ++i) {
    debounce_.event();
    clock_.advance(110ms);
  }
  EXPECT_FALSE(debounce_.due());
  debounce_.event();
  clock_.advance(10ms);
  EXPECT_EQ(debounce_.wait(), 0ms);
  EXPECT_TRUE(debounce_.due());
}

}  // namespace
}  // namespace shimmy::models
