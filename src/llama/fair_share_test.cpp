#include "llama/fair_share.h"

#include <gtest/gtest.h>

#include <chrono>

namespace shimmy::llama {
namespace {

using namespace std::chrono_literals;
using Duration = FairShare::Clock::duration;

// Passes one after the other, on a clock of their own.
class Passes {
 public:
  explicit Passes(std::int32_t most) : share_(most) {}

  std::int32_t threads() const { return share_.threads(); }
  FairShare::Clock::time_point now() const { return now_; }

  void pass(Duration lasts, Duration waited) {
    const auto begin = now_;
    now_ += lasts;
    share_.note(begin, now_, waited);
  }
  void passes(int count, Duration lasts, Duration waited) {
    for (int i = 0; i < count; ++i) pass(lasts, waited);
  }
  void rest(Duration time) { now_ += time; }

 private:
  FairShare share_;
  FairShare::Clock::time_point now_{};
};

// Of two threads one has given way.
Passes one_of_two() {
  Passes passes(2);
  passes.pass(30ms, 20ms);
  return passes;
}

// How often one thread more was tried within a time, with another program on one of the cores.
int trials(Passes& passes, Duration time) {
  const auto end = passes.now() + time;
  int count = 0;
  while (passes.now() < end) {
    const bool tries = passes.threads() == 2;
    passes.pass(10ms, tries ? 8ms : 0ms);
    count += tries ? 1 : 0;
  }
  return count;
}

TEST(FairShare, BeginsWithAll) { EXPECT_EQ(FairShare(8).threads(), 8); }

TEST(FairShare, KeepsAllWhereNobodyElseWantsTheCores) {
  Passes passes(4);
  passes.passes(1000, 3ms, 0ms);
  EXPECT_EQ(passes.threads(), 4);
}

TEST(FairShare, KeepsAllWhereThreadsWaitALittle) {
  Passes passes(2);
  passes.passes(1000, 10ms, 2ms);  // a fifth of a core
  EXPECT_EQ(passes.threads(), 2);
}

TEST(FairShare, TakesOneLessWhereACoreIsShared) { EXPECT_EQ(one_of_two().threads(), 1); }

TEST(FairShare, AddsUpShortPasses) {
  Passes passes(2);
  passes.passes(3, 4ms, 2ms);
  EXPECT_EQ(passes.threads(), 2) << "6 ms may be an exception";
  passes.pass(4ms, 2ms);
  EXPECT_EQ(passes.threads(), 1);
}

TEST(FairShare, BearsAnInterruptionOfAShortPass) {
  Passes passes(2);
  passes.pass(4ms, 4ms);
  passes.passes(100, 4ms, 0ms);
  EXPECT_EQ(passes.threads(), 2);
}

TEST(FairShare, TakesAsManyLessAsCoresAreMissing) {
  Passes passes(8);
  passes.pass(100ms, 350ms);
  EXPECT_EQ(passes.threads(), 5);
}

TEST(FairShare, LeavesOneInAnyCase) {
  Passes passes(4);
  passes.passes(20, 100ms, 900ms);
  EXPECT_EQ(passes.threads(), 1);
  Passes alone(1);
  alone.passes(20, 100ms, 90ms);
  EXPECT_EQ(alone.threads(), 1);
}

TEST(FairShare, ComesBackWhenTheCoresAreFree) {
  Passes passes = one_of_two();
  passes.passes(4, 20ms, 0ms);
  EXPECT_EQ(passes.threads(), 1) << "not at once";
  passes.passes(2, 20ms, 0ms);
  EXPECT_EQ(passes.threads(), 2);
}

TEST(FairShare, ComesBackThreadByThread) {
  Passes passes(4);
  passes.pass(100ms, 350ms);
  ASSERT_EQ(passes.threads(), 1);
  passes.rest(100ms);
  passes.pass(20ms, 0ms);
  EXPECT_EQ(passes.threads(), 2);
  passes.pass(20ms, 0ms);
  EXPECT_EQ(passes.threads(), 3);
  passes.pass(20ms, 0ms);
  EXPECT_EQ(passes.threads(), 4);
}

TEST(FairShare, TriesAfterARestAtOnce) {
  Passes passes = one_of_two();
  passes.rest(10s);
  passes.pass(20ms, 0ms);
  EXPECT_EQ(passes.threads(), 2);
}

TEST(FairShare, TriesSeldomWhereItIsInVain) {
  Passes passes = one_of_two();
  trials(passes, 2s);
  const int later = trials(passes, 10s);
  EXPECT_GE(later, 10);
  EXPECT_LE(later, 20) << "at most every half a second";
}

TEST(FairShare, TriesSoonAgainAfterAQuietTime) {
  Passes passes = one_of_two();
  trials(passes, 5s);
  passes.passes(100, 20ms, 0ms);
  ASSERT_EQ(passes.threads(), 2);
  passes.pass(30ms, 20ms);
  ASSERT_EQ(passes.threads(), 1);
  passes.passes(6, 20ms, 0ms);
  EXPECT_EQ(passes.threads(), 2);
}

}  // namespace
}  // namespace shimmy::llama
