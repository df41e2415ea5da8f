#include "models/model_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>

#include "support/fake_clock.h"

namespace shimmy::models {
namespace {

using base::ErrorCode;
using generation::Engine;
using std::chrono_literals::operator""s;
using EngineResult = base::Result<std::shared_ptr<Engine>>;

// Counts what the pool does with it.
class StubEngine final : public Engine {
 public:
  base::Result<std::unique_ptr<generation::Generation>> submit(generation::Request) override {
    return base::fail(ErrorCode::Unavailable, "stub");
  }
  const generation::ModelFacts& facts() const override { return facts_; }
  const generation::Tokenizer& tokenizer() const override { throw std::logic_error("none"); }
  generation::EngineLoad load() const override { return {}; }
  void drain() override { ++drains; }
  bool wait_idle(std::stop_token) override { return idle; }

  std::atomic<int> drains = 0;
  std::atomic<bool> idle = true;

 private:
  generation::ModelFacts facts_;
};

ModelEntry entry(const std::string& name) {
  ModelEntry result;
  result.name = name;
  result.path = "/m/" + name + ".gguf";
  return result;
}

EngineResult load_error() { return base::fail(ErrorCode::ModelLoadFailed, "no room"); }

class ModelPoolTest : public testing::Test {
 protected:
  support::FakeClock clock_;
  std::atomic<int> loads_ = 0;
  EngineFactory counting_ = [this](const LoadRequest&) -> EngineResult {
    ++loads_;
    return std::make_shared<StubEngine>();
  };
  EngineFactory failing_ = [this](const LoadRequest&) {
    ++loads_;
    return load_error();
  };
};

TEST_F(ModelPoolTest, LoadsEachModelOnce) {
  ModelPool pool(counting_, clock_);
  const auto first = pool.acquire(entry("a"));
  const auto again = pool.acquire(entry("a"));
  const auto other = pool.acquire(entry("b"));
  ASSERT_TRUE(first && again && other);
  EXPECT_EQ(*first, *again);
  EXPECT_NE(*first, *other);
  EXPECT_EQ(loads_, 2);
  EXPECT_EQ(pool.loaded(), 2U);
}

TEST_F(ModelPoolTest, LoadsOnceWhenManyAskAtOnce) {
  constexpr int callers = 8;
  std::latch all_started(callers);
  ModelPool pool(
      [&](const LoadRequest&) -> EngineResult {
        ++loads_;
        all_started.wait();  // every caller is on its way before the load ends
        return std::make_shared<StubEngine>();
      },
      clock_);
  std::vector<std::future<EngineResult>> answers;
  answers.reserve(callers);
  for (int i = 0; i < callers; ++i) {
    answers.push_back(std::async(std::launch::async, [&] {
      all_started.count_down();
      return pool.acquire(entry("a"));
    }));
  }
  std::shared_ptr<Engine> engine;
  for (auto& answer : answers) {
    const EngineResult result = answer.get();
    ASSERT_TRUE(result);
    if (!engine) engine = *result;
    EXPECT_EQ(*result, engine);
  }
  EXPECT_EQ(loads_, 1);
}

TEST_F(ModelPoolTest, GivesEveryWaiterTheFailure) {
  constexpr int callers = 4;
  std::latch all_started(callers);
  ModelPool pool(
      [&](const LoadRequest&) {
        ++loads_;
        all_started.wait();
        return load_error();
      },
      clock_);
  std::vector<std::future<EngineResult>> answers;
  answers.reserve(callers);
  for (int i = 0; i < callers; ++i) {
    answers.push_back(std::async(std::launch::async, [&] {
      all_started.count_down();
      return pool.acquire(entry("a"));
    }));
  }
  for (auto& answer : answers) {
    const EngineResult result = answer.get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "no room");
  }
  EXPECT_EQ(loads_, 1);
  EXPECT_EQ(pool.loaded(), 0U);
}

TEST_F(ModelPoolTest, LoadsDifferentModelsAtTheSameTime) {
  std::latch both_loading(2);
  ModelPool pool(
      [&](const LoadRequest&) -> EngineResult {
        both_loading.arrive_and_wait();
        return std::make_shared<StubEngine>();
      },
      clock_);
  auto a = std::async(std::launch::async, [&] { return pool.acquire(entry("a")); });
  auto b = std::async(std::launch::async, [&] { return pool.acquire(entry("b")); });
  EXPECT_TRUE(a.get() && b.get());
}

TEST_F(ModelPoolTest, RemembersFailureForAWhile) {
  ModelPool pool(failing_, clock_);
  EXPECT_FALSE(pool.acquire(entry("a")));
  clock_.advance(4s);
  const auto remembered = pool.acquire(entry("a"));
  ASSERT_FALSE(remembered);
  EXPECT_EQ(remembered.error().message, "no room");
  EXPECT_EQ(loads_, 1);
  clock_.advance(1s);
  EXPECT_FALSE(pool.acquire(entry("a")));
  EXPECT_EQ(loads_, 2);
}

TEST_F(ModelPoolTest, TriesAgainAtOnceWhenTheFileChanged) {
  ModelPool pool(failing_, clock_);
  EXPECT_FALSE(pool.acquire(entry("a")));
  ModelEntry changed = entry("a");
  changed.modified = 7;
  EXPECT_FALSE(pool.acquire(changed));
  EXPECT_EQ(loads_, 2);
}

TEST_F(ModelPoolTest, FailureOfOneModelLeavesOthersAlone) {
  ModelPool pool(
      [](const LoadRequest& request) -> EngineResult {
        if (request.entry.name == "bad") return load_error();
        return std::make_shared<StubEngine>();
      },
      clock_);
  EXPECT_FALSE(pool.acquire(entry("bad")));
  EXPECT_TRUE(pool.acquire(entry("good")));
  EXPECT_EQ(pool.loaded(), 1U);
}

TEST_F(ModelPoolTest, TurnsExceptionIntoFailure) {
  ModelPool pool([](const LoadRequest&) -> EngineResult { throw std::runtime_error("boom"); },
                 clock_);
  const auto result = pool.acquire(entry("a"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_THAT(result.error().message, testing::HasSubstr("boom"));
}

TEST_F(ModelPoolTest, RefusesMissingEngine) {
  ModelPool pool([](const LoadRequest&) -> EngineResult { return nullptr; }, clock_);
  EXPECT_EQ(pool.acquire(entry("a")).error().code, ErrorCode::Internal);
}

TEST_F(ModelPoolTest, DrainReachesEveryEngineAndRefusesNewCallers) {
  ModelPool pool(counting_, clock_);
  const auto engine = pool.acquire(entry("a"));
  ASSERT_TRUE(engine);
  pool.drain();
  EXPECT_EQ(static_cast<StubEngine&>(**engine).drains, 1);
  EXPECT_EQ(pool.acquire(entry("a")).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(pool.acquire(entry("b")).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(loads_, 1);
}

TEST_F(ModelPoolTest, DrainAbortsLoad) {
  std::promise<void> loading;
  std::promise<void> drained;
  ModelPool pool(
      [&](const LoadRequest& request) -> EngineResult {
        EXPECT_TRUE(request.progress(0.1F));
        loading.set_value();
        drained.get_future().wait();
        EXPECT_FALSE(request.progress(0.2F));
        return std::make_shared<StubEngine>();
      },
      clock_);
  auto answer = std::async(std::launch::async, [&] { return pool.acquire(entry("a")); });
  loading.get_future().wait();
  pool.drain();
  drained.set_value();
  EXPECT_EQ(answer.get().error().code, ErrorCode::Unavailable);
  EXPECT_EQ(pool.loaded(), 0U);
}

TEST_F(ModelPoolTest, WaitsForIdleEngines) {
  ModelPool pool(counting_, clock_);
  EXPECT_TRUE(pool.wait_idle());
  const auto engine = pool.acquire(entry("a"));
  ASSERT_TRUE(engine);
  EXPECT_TRUE(pool.wait_idle());
  static_cast<StubEngine&>(**engine).idle = false;
  EXPECT_FALSE(pool.wait_idle());
}

TEST_F(ModelPoolTest, StopLetsGoOfEngines) {
  ModelPool pool(counting_, clock_);
  const std::weak_ptr<Engine> engine = *pool.acquire(entry("a"));
  EXPECT_FALSE(engine.expired());
  pool.stop();
  EXPECT_TRUE(engine.expired());
  EXPECT_EQ(pool.loaded(), 0U);
}

}  // namespace
}  // namespace shimmy::models
