#include "app/quiet_thread.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

#include <memory>
#include <stdexcept>

namespace shimmy::app {
namespace {

int niceness() { return getpriority(PRIO_PROCESS, 0); }

TEST(QuietThread, GivesWayToTheThreadThatAsked) {
  const int before = niceness();
  EXPECT_GT(on_quiet_thread(niceness), before);
  EXPECT_EQ(on_quiet_thread([] { return sched_getscheduler(0); }), SCHED_BATCH);
  EXPECT_EQ(niceness(), before);
}

TEST(QuietThread, HandsTheResultBack) {
  EXPECT_EQ(*on_quiet_thread([] { return std::make_unique<int>(7); }), 7);
}

TEST(QuietThread, ThrowsHereWhatWasThrownThere) {
  EXPECT_THROW(on_quiet_thread([]() -> int { throw std::runtime_error("broken"); }),
               std::runtime_error);
}

}  // namespace
}  // namespace shimmy::app
