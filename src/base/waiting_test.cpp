#include "base/waiting.h"

#include <gtest/gtest.h>

#include <thread>

namespace shimmy::base {
namespace {

class Counting final : public WaitListener {
 public:
  void began_waiting() override { ++began; }
  void ended_waiting() override { ++ended; }
  int began = 0;
  int ended = 0;
};

class WaitingTest : public testing::Test {
 protected:
  void SetUp() override { set_wait_listener(&listener_); }
  void TearDown() override { set_wait_listener(nullptr); }
  Counting listener_;
};

TEST_F(WaitingTest, TellsOfTheBeginningAndTheEnd) {
  {
    const Waiting waiting;
    EXPECT_EQ(listener_.began, 1);
    EXPECT_EQ(listener_.ended, 0);
  }
  EXPECT_EQ(listener_.ended, 1);
  {
    const Waiting again;
  }
  EXPECT_EQ(listener_.began, 2);
}

TEST_F(WaitingTest, CountsAnInnerWaitWithTheOuter) {
  {
    const Waiting outer;
    const Waiting inner;
  }
  EXPECT_EQ(listener_.began, 1);
  EXPECT_EQ(listener_.ended, 1);
}

TEST_F(WaitingTest, LeavesOtherThreadsAlone) {
  std::jthread([] { const Waiting waiting; }).join();
  EXPECT_EQ(listener_.began, 0);
}

}  // namespace
}  // namespace shimmy::base
