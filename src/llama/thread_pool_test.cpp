#include "llama/thread_pool.h"

#include <ggml-cpu.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
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

void expect_close(const std::vector<float>& logits, const std::vector<float>& expected) {
  ASSERT_EQ(logits.size(), expected.size());
  for (std::size_t index = 0; index < logits.size(); ++index) {
    EXPECT_NEAR(logits[index], expected[index], 1e-3);
  }
}

TEST(ThreadPool, ComputesTheSameOnAnyNumberOfThreads) {
  const Batch batch = prompt_batch(some_tokens(40));
  const auto alone = Context::create(shared_model(), nullptr, {}).value();
  ASSERT_EQ(alone->decode(batch), DecodeStatus::Done);
  const auto pool = ThreadPool::create({.threads = 3, .cores = {}}).value();
  const auto together = Context::create(shared_model(), pool, {}).value();
  ASSERT_EQ(together->decode(batch), DecodeStatus::Done);
  expect_close(copied(together->logits(39)), copied(alone->logits(39)));
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
using namespace std::chrono_literals;

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

// Has all threads of the pool add numbers for a while, this one included.
void compute(ThreadPool& pool, Clock::duration time) {
  const std::unique_ptr<ggml_context, decltype(&ggml_free)> context(
      ggml_init({.mem_size = std::size_t{8} << 20, .mem_buffer = nullptr, .no_alloc = false}),
      ggml_free);
  ggml_tensor* sum = ggml_set_zero(ggml_new_tensor_2d(context.get(), GGML_TYPE_F32, 64, 64));
  for (int i = 0; i < 100; ++i) sum = ggml_add(context.get(), sum, sum);
  ggml_cgraph* const graph = ggml_new_graph(context.get());
  ggml_build_forward_expand(graph, sum);
  ggml_cplan plan = ggml_graph_plan(graph, pool.threads(), pool.raw());
  std::vector<std::uint8_t> work(plan.work_size);
  plan.work_data = work.data();
  const auto end = Clock::now() + time;
  while (Clock::now() < end) ASSERT_EQ(ggml_graph_compute(graph, &plan), GGML_STATUS_SUCCESS);
}

// Another thread computes, so that this one, whose pass it is, waits for no core.
TEST(ThreadPool, GivesWayWhereItsWorkersWaitForTheirCore) {
  std::shared_ptr<ThreadPool> pool;
  const std::vector<int> cores = support::own_cores();
  on_core(cores.front(), [&] { pool = pool_that_gives_way(); });
  const support::BusyCore busy(cores.front());
  for (int i = 0; i < 3; ++i) {
    pool->begin_pass();
    on_core(cores.back(), [&] { compute(*pool, 100ms); });
    pool->end_pass();
  }
  EXPECT_EQ(pool->begin_pass(), 1);
}

TEST(ThreadPool, GivesWayToOthersBetweenTheDecodesOfAContext) {
  const auto pool = pool_that_gives_way();
  const auto context = Context::create(shared_model(), pool, {}).value();
  const Batch batch = prompt_batch(some_tokens(40));
  const auto decode = [&] {
    context->memory().clear();
    EXPECT_EQ(context->decode(batch), DecodeStatus::Done);
    const std::int32_t next = pool->begin_pass();
    pool->end_pass();
    return next;
  };
  decode();
  const std::vector<float> on_all = copied(context->logits(39));
  const int core = support::own_cores().front();
  const support::BusyCore busy(core);
  on_core(core, [&] { ASSERT_EQ(run_until(1, decode), 1); });
  decode();
  expect_close(copied(context->logits(39)), on_all);
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
