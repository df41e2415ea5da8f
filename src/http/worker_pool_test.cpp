#include "http/worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <set>
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

TEST(WorkerPool, WorksOnWhileTasksWait) {
  WorkerPool pool(2, 64, {});
  pool.start();
  constexpr int waiters = 20;
  std::latch waiting(waiters);
  std::latch release(1);
  std::latch done(waiters);
  for (int i = 0; i < waiters; ++i) {
    ASSERT_TRUE(pool.try_submit([&] {
      {
        const base::Waiting wait;
        waiting.count_down();
        release.wait();
      }
      done.count_down();
    }));
  }
  waiting.wait();
  std::promise<void> other;
  ASSERT_TRUE(pool.try_submit([&] { other.set_value(); }));
  other.get_future().get();
  release.count_down();
  done.wait();
}

TEST(WorkerPool, LetsTheThreadsThatStoodInGoAgain) {
  WorkerPool pool(1, 64, {});
  pool.start();
  const auto wait_together = [&pool](int waiters) {
    std::latch waiting(waiters);
    std::latch done(waiters);
    for (int i = 0; i < waiters; ++i) {
      ASSERT_TRUE(pool.try_submit([&] {
        {
          const base::Waiting wait;
          waiting.arrive_and_wait();
        }
        done.count_down();
      }));
    }
    done.wait();
  };
  wait_together(8);
  // Each thread too many goes with its next task, so one thread is left for these.
  std::mutex mutex;
  std::set<std::thread::id> threads;
  for (int i = 0; i < 200; ++i) {
    std::promise<void> ran;
    ASSERT_TRUE(pool.try_submit([&] {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
      ran.set_value();
    }));
    ran.get_future().get();
    if (i == 99) threads.clear();
  }
  EXPECT_EQ(threads.size(), 1U);
  wait_together(8);
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
