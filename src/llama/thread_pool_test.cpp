#include "llama/thread_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

#include "llama/context.h"
#include "llama/shared_model_fixture.h"

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

std::size_t threads_named(const std::string& name) {
  std::size_t count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string comm;
    std::ifstream file(task.path() / "comm");
    std::getline(file, comm);
    count += comm == name ? 1 : 0;
  }
  return count;
}

TEST(ThreadPool, NamesItsThreadsAfterWhatTheyDo) {
  pthread_setname_np(pthread_self(), "starter");
  const auto pool = ThreadPool::create({.threads = 3, .cores = {}}).value();
  EXPECT_EQ(threads_named("compute"), 2U);
  EXPECT_EQ(threads_named("starter"), 1U) << "who starts them keeps its name";
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

}  // namespace
}  // namespace shimmy::llama
