#include <latch>

#include "pool/model_pool_fixture.h"

namespace shimmy::pool {
namespace {

using base::ErrorCode;
using generation::Engine;
using std::chrono_literals::operator""s;

using ModelPoolTest = PoolFixture;

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
  models::ModelEntry changed = entry("a");
  changed.modified = 7;
  EXPECT_FALSE(pool.acquire(changed));
  EXPECT_EQ(loads_, 2);
}

TEST_F(ModelPoolTest, TriesAgainAtOnceWithOtherOptions) {
  ModelPool pool(failing_, clock_);
  EXPECT_FALSE(pool.load(entry("a"), {.context_tokens = 100'000}));
  EXPECT_FALSE(pool.load(entry("a"), {.context_tokens = 1'000}));
  EXPECT_EQ(loads_, 2);
  EXPECT_FALSE(pool.load(entry("a"), {.context_tokens = 1'000, .pinned = true}));
  EXPECT_EQ(loads_, 2) << "a pin makes no difference";
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
  std::atomic<bool> ended = false;
  stub(*pool.acquire(entry("a"))).on_end = [&] { ended = true; };
  EXPECT_FALSE(ended);
  pool.stop();
  EXPECT_TRUE(ended);
  EXPECT_EQ(pool.loaded(), 0U);
}

TEST_F(ModelPoolTest, AnEngineMayOutliveThePool) {
  std::atomic<bool> ended = false;
  std::shared_ptr<Engine> engine;
  {
    ModelPool pool(counting_, clock_);
    engine = *pool.acquire(entry("a"));
    stub(engine).on_end = [&] { ended = true; };
  }
  EXPECT_FALSE(ended);
  engine.reset();
  EXPECT_TRUE(ended);
}

TEST_F(ModelPoolTest, LoadsOnAThreadOfItsOwn) {
  std::thread::id loader;
  ModelPool pool(
      [&](const LoadRequest&) -> EngineResult {
        loader = std::this_thread::get_id();
        return std::make_shared<StubEngine>();
      },
      clock_);
  ASSERT_TRUE(pool.acquire(entry("a")));
  EXPECT_NE(loader, std::this_thread::get_id());
}

TEST_F(ModelPoolTest, StatusFollowsTheModel) {
  ModelPool pool(counting_, clock_);
  EXPECT_EQ(pool.status(entry("a")).state, ModelState::Unloaded);
  EXPECT_EQ(pool.status(entry("a")).name, "a");
  auto engine = *pool.acquire(entry("a"));
  stub(engine).running = 3;
  const ModelStatus used = pool.status(entry("a"));
  EXPECT_EQ(used.state, ModelState::Ready);
  EXPECT_EQ(used.load.running, 3U);
  EXPECT_FALSE(used.last_used) << "it is in use for the first time";
  engine.reset();
  EXPECT_TRUE(pool.status(entry("a")).last_used);
}

TEST_F(ModelPoolTest, StatusOfAModelThatIsNotLoadedTellsTheContextThatItMayHave) {
  ModelPool pool(counting_, clock_);
  models::ModelEntry model = entry("a");
  model.context_tokens = 8192;
  EXPECT_EQ(pool.status(model).context_limit, 8192U);
  model.defaults.load.context_tokens = 512;
  EXPECT_EQ(pool.status(model).context_limit, 512U);
  ASSERT_TRUE(pool.acquire(model));
  EXPECT_EQ(pool.unload(model, UnloadKind::Drain).context_limit, 512U);
  EXPECT_EQ(pool.status(model).context_limit, 512U);
}

TEST_F(ModelPoolTest, StatusTellsAFailureAsLongAsItIsRemembered) {
  ModelPool pool(failing_, clock_);
  EXPECT_FALSE(pool.acquire(entry("a")));
  EXPECT_EQ(pool.status(entry("a")).state, ModelState::Failed);
  EXPECT_EQ(pool.status(entry("a")).reason, "no room");
  EXPECT_EQ(pool.statuses().size(), 1U);
  clock_.advance(ModelPool::kFailureMemory);
  EXPECT_EQ(pool.status(entry("a")).state, ModelState::Unloaded);
  EXPECT_TRUE(pool.statuses().empty());
}

TEST_F(ModelPoolTest, StatusesAreSortedByName) {
  ModelPool pool(counting_, clock_);
  for (const char* name : {"c", "a", "b"}) ASSERT_TRUE(pool.acquire(entry(name)));
  std::string names;
  for (const ModelStatus& status : pool.statuses()) names += status.name;
  EXPECT_EQ(names, "abc");
}

TEST_F(ModelPoolTest, WhatALoadLeavesOpenIsAsTheModelIsConfigured) {
  models::LoadOptions seen;
  ModelPool pool(
      [&](const LoadRequest& request) -> EngineResult {
        seen = request.options;
        return std::make_shared<StubEngine>();
      },
      clock_);
  models::ModelEntry model = entry("a");
  model.defaults.load = {.context_tokens = 4096, .parallel = 2, .pinned = true};
  ASSERT_TRUE(pool.load(model, {.context_tokens = 512}));
  EXPECT_EQ(seen.context_tokens, 512U);
  EXPECT_EQ(seen.parallel, 2U);
  EXPECT_TRUE(pool.status(model).pinned);
}

TEST_F(ModelPoolTest, LoadsAnewForOtherOptions) {
  ModelPool pool(counting_, clock_);
  ASSERT_TRUE(pool.load(entry("a"), {.context_tokens = 512}));
  ASSERT_TRUE(pool.load(entry("a"), {.context_tokens = 512}));
  ASSERT_TRUE(pool.load(entry("a"), {}));
  EXPECT_EQ(loads_, 1);
  ASSERT_TRUE(pool.load(entry("a"), {.context_tokens = 1024}));
  EXPECT_EQ(loads_, 2);
  ASSERT_TRUE(pool.load(entry("a"), {.key_type = generation::CacheType::Q80}));
  EXPECT_EQ(loads_, 3);
}

TEST_F(ModelPoolTest, ARequestDoesNotChangeHowAModelIsLoaded) {
  ModelPool pool(counting_, clock_);
  ASSERT_TRUE(pool.load(entry("a"), {.context_tokens = 512}));
  ASSERT_TRUE(pool.acquire(entry("a"), {.context_tokens = 1024}));
  EXPECT_EQ(loads_, 1);
}

TEST_F(ModelPoolTest, APinAndKeepAliveNeedNoNewLoad) {
  ModelPool pool(counting_, clock_);
  ASSERT_TRUE(pool.acquire(entry("a")));
  const auto status = pool.load(entry("a"), {.pinned = true, .keep_alive = models::KeepAlive{30s}});
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->pinned);
  EXPECT_EQ(status->keep_alive, models::KeepAlive{30s});
  EXPECT_EQ(loads_, 1);
}

TEST_F(ModelPoolTest, ALoadForOtherOptionsWaitsForRequestsThatRun) {
  ModelPool pool(counting_, clock_);
  auto engine = *pool.acquire(entry("a"));
  auto loaded =
      std::async(std::launch::async, [&] { return pool.load(entry("a"), {.parallel = 4}); });
  EXPECT_TRUE(comes_true([&] { return pool.status(entry("a")).state == ModelState::Draining; }));
  EXPECT_EQ(loads_, 1);
  engine.reset();
  ASSERT_TRUE(loaded.get());
  EXPECT_EQ(loads_, 2);
}

}  // namespace
}  // namespace shimmy::pool
