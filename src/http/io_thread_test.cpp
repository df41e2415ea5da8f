#include "http/io_thread.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace shimmy::http {
namespace {

TEST(IoThread, RunsTasksInOrderOnItsOwnThread) {
  IoThread thread("test", {});
  std::vector<int> order;
  bool was_inside = false;
  thread.post([&] { order.push_back(1); });
  thread.start();
  thread.post([&] { order.push_back(2); });
  thread.post([&] { was_inside = thread.is_current(); });
  EXPECT_FALSE(thread.is_current());
  thread.finish();
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_TRUE(was_inside);
}

TEST(IoThread, RunsEveryTaskOfABurstFromManyThreads) {
  IoThread thread("test", {});
  thread.start();
  int ran = 0;  // the I/O thread's
  {
    std::vector<std::jthread> senders;
    for (int sender = 0; sender < 4; ++sender) {
      senders.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) thread.post([&] { ++ran; });
      });
    }
  }
  thread.finish();
  EXPECT_EQ(ran, 4000);
}

TEST(IoThread, SurvivesATaskThatThrows) {
  std::string lines;
  IoThread thread("test", base::Logger::to_writer(base::LogLevel::Info, base::LogFormat::Text,
                                                  [&](std::string_view line) { lines += line; }));
  bool ran = false;
  thread.post([] { throw std::runtime_error("boom"); });
  thread.post([&] { ran = true; });
  thread.start();
  thread.finish();
  EXPECT_TRUE(ran);
  EXPECT_NE(lines.find("boom"), std::string::npos);
}

TEST(IoThread, DropsTasksAfterItsEnd) {
  IoThread thread("test", {});
  thread.start();
  thread.finish();
  const auto held = std::make_shared<int>(0);
  thread.post([held] { FAIL(); });
  EXPECT_EQ(held.use_count(), 1);
}

TEST(IoThread, CanFinishWithoutHavingStarted) {
  IoThread thread("test", {});
  const auto held = std::make_shared<int>(0);
  thread.post([held] { FAIL(); });
  thread.finish();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(IoThread, TicksUntilToldNotTo) {
  IoThread thread("test", {});
  thread.start();
  std::promise<int> done;
  thread.post([&] {
    thread.tick_every(std::chrono::milliseconds(1), [&done, ticks = 0]() mutable {
      if (++ticks < 3) return true;
      done.set_value(ticks);
      return false;
    });
  });
  EXPECT_EQ(done.get_future().get(), 3);
  thread.finish();
}

TEST(IoThread, DoesNotWaitForTheNextTickToFinish) {
  IoThread thread("test", {});
  thread.start();
  thread.post([&] { thread.tick_every(std::chrono::hours(1), [] { return true; }); });
  thread.finish();
  SUCCEED();
}

}  // namespace
}  // namespace shimmy::http
