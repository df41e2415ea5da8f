#include "http/worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <future>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace shimmy::http {
namespace {

TEST(WorkerPool, RunsTasksOffTheCallersThread) {
  WorkerPool pool(2, 8, {});
  pool.start();
  std::promise<std::thread::id> where;
  ASSERT_TRUE(pool.try_submit([&] { where.set_value(std::this_thread::get_id()); }));
  EXPECT_NE(where.get_future().get(), std::this_thread::get_id());
}

TEST(WorkerPool, NamesItsThreads) {
  WorkerPool pool(1, 1, {});
  pool.start();
  std::promise<std::string> name;
  ASSERT_TRUE(pool.try_submit([&name] {
    std::array<char, 16> text{};
    pthread_getname_np(pthread_self(), text.data(), text.size());
    name.set_value(text.data());
  }));
  EXPECT_EQ(name.get_future().get(), "http-worker-0");
}

TEST(WorkerPool, RefusesWhenItsQueueIsFull) {
  WorkerPool pool(1, 1, {});
  pool.start();
  std::latch running(1);
  std::latch release(1);
  ASSERT_TRUE(pool.try_submit([&] {
    running.count_down();
    release.wait();
  }));
  running.wait();
  EXPECT_TRUE(pool.try_submit([] {}));
  EXPECT_FALSE(pool.try_submit([] {}));
  release.count_down();
}

TEST(WorkerPool, SurvivesATaskThatThrows) {
  std::string lines;
  WorkerPool pool(1, 8,
                  base::Logger::to_writer(base::LogLevel::Info, base::LogFormat::Text,
                                          [&](std::string_view line) { lines += line; }));
  pool.start();
  std::promise<void> after;
  ASSERT_TRUE(pool.try_submit([] { throw std::runtime_error("boom"); }));
  ASSERT_TRUE(pool.try_submit([&] { after.set_value(); }));
  after.get_future().get();
  EXPECT_NE(lines.find("boom"), std::string::npos);
}

TEST(WorkerPool, DropsWhatIsQueuedWhenItStops) {
  WorkerPool pool(1, 8, {});
  const auto held = std::make_shared<int>(0);
  bool ran = false;
  ASSERT_TRUE(pool.try_submit([held, &ran] { ran = true; }));
  pool.stop();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(ran);
  EXPECT_FALSE(pool.try_submit([] {}));
}

}  // namespace
}  // namespace shimmy::http
