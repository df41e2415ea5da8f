#include "llama/thread_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/core_wait.h"
#include "llama/context.h"
#include "llama/shared_model_fixture.h"
#include "support/busy_core.h"

namespace shimmy::llama {
namespace {

std::string field_at_fault(const ThreadPoolOptions& options) {
  const auto pool = ThreadPool::create(options);
  return pool ? "" : pool.error().param;
}

TEST(ThreadPool, RefusesCountsThatNoMachineHas) {
  EXPECT_EQ(field_at_fault({.threads = 0, .cores = {}}), "threads");
  EXPECT_EQ(field_at_fault({.threads = -1, .cores = {}}), "threads");
  EXPECT_EQ(field_at_fault({.threads = 100'000, .cores = {}}), "threads");
}

TEST(ThreadPool, WantsOneCoreForEachThread) {
  EXPECT_EQ(field_at_fault({.threads = 1, .cores = {-1}}), "cores");
  EXPECT_EQ(field_at_fault({.threads = 1, .cores = {512}}), "cores");
  EXPECT_EQ(field_at_fault({.threads = 2, .cores = {0}}), "cores");
  EXPECT_EQ(field_at_fault({.threads = 2, .cores = {0, 0}}), "cores");
}

TEST(ThreadPool, NamesItsThreadsAfterWhatTheyDo) {
  pthread_setname_np(pthread_self(), "starter");
  const auto pool = ThreadPool::create({.threads = 3, .cores = {}}).value();
  EXPECT_EQ(base::threads_named("compute").size(), 2U);
  EXPECT_EQ(base::threads_named("starter").size(), 1U) << "who starts them keeps its name";
}

TEST(ThreadPool, ServesTwoContextsInTurn) {
  const std::shared_ptr<ThreadPool> pool = ThreadPool::create({.threads = 2, .cores = {}}).value();
  const auto first = Context::create(shared_model(), pool, {}).value();
  const auto second = Context::create(shared_model(), pool, {}).value();
  for (Position position = 0; position < 4; ++position) {
    const Batch batch = prompt_batch({5}, 0, position);
    ASSERT_EQ(first->decode(batch), DecodeStatus::Done);
    ASSERT_EQ(second->decode(batch), DecodeStatus::Done);
    EXPECT_EQ(copied(first->logits(0)), copied(second->logits(0)));
  }
}

TEST(ThreadPool, OutlivesItsOwnerWhileAContextUsesIt) {
  std::shared_ptr<ThreadPool> pool = ThreadPool::create({.threads = 2, .cores = {}}).value();
  const auto context = Context::create(shared_model(), pool, {}).value();
  pool.reset();
  EXPECT_EQ(context->decode(prompt_batch({1, 2, 3})), DecodeStatus::Done);
}

TEST(ThreadPool, ComputesTheSameOnAnyNumberOfThreads) {
  const Batch batch = prompt_batch(some_tokens(40));
  const auto alone = Context::create(shared_model(), nullptr, {}).value();
  ASSERT_EQ(alone->decode(batch), DecodeStatus::Done);
  const auto pool = ThreadPool::create({.threads = 3, .cores = {}}).value();
  const auto together = Context::create(shared_model(), pool, {}).value();
  ASSERT_EQ(together->decode(batch), DecodeStatus::Done);
  const std::vector<float> expected = copied(alone->logits(39));
  const std::vector<float> actual = copied(together->logits(39));
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t index = 0; index < expected.size(); ++index) {
    EXPECT_NEAR(expected[index], actual[index], 1e-3);
  }
}

// Of one pass with so many threads, the best of several, in milliseconds.
double pass_time(std::int32_t threads) {
  const auto pool = ThreadPool::create({.threads = threads, .cores = {}}).value();
  const auto context = Context::create(shared_model(), pool, {}).value();
  double best = std::numeric_limits<double>::infinity();
  for (Position position = 0; position < 8; ++position) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(context->decode(prompt_batch({5}, 0, position)), DecodeStatus::Done);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  return best;
}

// With ggml's own barrier, each step of the graph would take a time slice: 1.5 s in all.
TEST(ThreadPool, ThreadsThatShareACoreDoNotWaitForWholeTimeSlices) {
  const auto cores = static_cast<std::int32_t>(std::thread::hardware_concurrency());
  EXPECT_LT(pass_time(4 * cores), 250.0);
}

using Clock = std::chrono::steady_clock;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

std::shared_ptr<ThreadPool> pool_that_gives_way() {
  return ThreadPool::create({.threads = 2, .cores = {}, .gives_way = true}).value();
}

// A pass whose work is this thread's alone; with how many threads it ran.
std::int32_t pass(ThreadPool& pool) {
  const std::int32_t threads = pool.begin_pass();
  const auto end = Clock::now() + 5ms;
  while (Clock::now() < end) continue;
  pool.end_pass();
  return threads;
}

// Runs passes until one has so many threads, or for 20 seconds; how many the last one had.
std::int32_t run_until(std::int32_t wanted, const std::function<std::int32_t()>& pass) {
  const auto deadline = Clock::now() + 20s;
  std::int32_t threads = 0;
  do threads = pass();
  while (threads != wanted && Clock::now() < deadline);
  return threads;
}

void on_core(int core, const std::function<void()>& work) {
  std::thread([&] {
    support::stay_on_core(core);
    work();
  }).join();
}

// The first pass is another thread's.
TEST(ThreadPool, GivesWayWhereTheThreadThatDecodesWaitsForItsCore) {
  const auto pool = pool_that_gives_way();
  EXPECT_EQ(pass(*pool), 2);
  const int core = support::own_cores().front();
  const support::BusyCore busy(core);
  on_core(core, [&] { EXPECT_EQ(run_until(1, [&] { return pass(*pool); }), 1); });
}

TEST(ThreadPool, GivesWayWhereItsWorkersWaitForTheirCore) {
  const std::vector<int> cores = support::own_cores();
  if (cores.size() < 2) GTEST_SKIP() << "one core: this thread would wait, too";
  std::shared_ptr<ThreadPool> pool;
  on_core(cores[0], [&] { pool = pool_that_gives_way(); });
  const support::BusyCore busy(cores[0]);
  on_core(cores[1], [&] {
    const auto context = Context::create(shared_model(), pool, {}).value();
    const Batch batch = prompt_batch(some_tokens(40));
    const auto decode = [&] {
      context->memory().clear();
      EXPECT_EQ(context->decode(batch), DecodeStatus::Done);
      const std::int32_t next = pool->begin_pass();
      pool->end_pass();
      return next;
    };
    EXPECT_EQ(run_until(1, decode), 1);
  });
}

TEST(ThreadPool, TakesAllItsThreadsAgainWhenTheCoreIsFree) {
  const auto pool = pool_that_gives_way();
  const int core = support::own_cores().front();
  on_core(core, [&] {
    {
      const support::BusyCore busy(core);
      ASSERT_EQ(run_until(1, [&] { return pass(*pool); }), 1);
    }
    EXPECT_EQ(run_until(2, [&] { return pass(*pool); }), 2);
  });
}

TEST(ThreadPool, KeepsItsThreadsUnlessItGivesWay) {
  const auto pool = ThreadPool::create({.threads = 2, .cores = {}}).value();
  const int core = support::own_cores().front();
  const support::BusyCore busy(core);
  on_core(core, [&] {
    for (int i = 0; i < 30; ++i) ASSERT_EQ(pass(*pool), 2);
  });
}

}  // namespace
}  // namespace shimmy::llama
