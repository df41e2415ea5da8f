#include "base/core_wait.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <latch>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "support/busy_core.h"

namespace shimmy::base {
namespace {

using namespace std::chrono_literals;

CoreWait own_wait() {
  auto wait = CoreWait::of(gettid());
  if (!wait) throw std::runtime_error("the system does not tell how long this thread waited");
  return std::move(*wait);
}

TEST(CoreWait, IsKnownForThisThread) { EXPECT_GE(own_wait().total(), 0ns); }

TEST(CoreWait, IsUnknownForThreadsThatAreNotThere) {
  EXPECT_FALSE(CoreWait::of(-1));
  EXPECT_FALSE(CoreWait::of(getppid())) << "another process's";
}

TEST(CoreWait, MovesWithItsFile) {
  CoreWait first = own_wait();
  CoreWait second = std::move(first);
  EXPECT_GE(second.total(), 0ns);
  EXPECT_EQ(first.total(), 0ns);  // NOLINT(bugprone-use-after-move): moved from, it tells nothing
  first = std::move(second);
  EXPECT_GE(first.total(), 0ns);
}

TEST(CoreWait, GrowsWhereAnotherThreadHasTheCore) {
  const int core = support::own_cores().front();
  const support::BusyCore other(core);
  std::chrono::nanoseconds waited{};
  std::thread([&] {
    support::stay_on_core(core);
    const auto wait = CoreWait::of(gettid());
    if (!wait) return;
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (waited < 2ms && std::chrono::steady_clock::now() < deadline) waited = wait->total();
  }).join();
  EXPECT_GE(waited, 2ms);
}

TEST(ThreadsNamed, FindsThemAndNoOthers) {
  std::latch named(2);
  std::latch done(1);
  const auto live = [&] {
    pthread_setname_np(pthread_self(), "named here");
    named.count_down();
    done.wait();
  };
  const std::jthread first(live);
  const std::jthread second(live);
  named.wait();
  const std::vector<int> ids = threads_named("named here");
  const std::vector<int> others = threads_named("named");
  done.count_down();
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_LT(ids[0], ids[1]);
  EXPECT_TRUE(others.empty());
}

}  // namespace
}  // namespace shimmy::base
