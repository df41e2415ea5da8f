#include "pool/model_pool_fixture.h"

namespace shimmy::pool {
namespace {

using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

// Models of other names on the weights of "a".
class SharedWeights : public PoolFixture {
 protected:
  static models::ModelEntry on_a(const std::string& name, const models::LoadOptions& load = {}) {
    models::ModelEntry result = entry("a");
    result.name = name;
    result.defaults.load = load;
    return result;
  }

  ModelPool pool_{[this](const LoadRequest& request) -> EngineResult {
                    ++loads_;
                    contexts_.push_back(request.options.context_tokens.value_or(0));
                    return std::make_shared<StubEngine>(request.memory);
                  },
                  clock_};
  std::vector<std::size_t> contexts_;  // of the loads
};

TEST_F(SharedWeights, AreLoadedOnceForModelsThatDifferInNameAlone) {
  const auto first = pool_.acquire(entry("a"));
  const auto second = pool_.acquire(on_a("b"));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(loads_, 1);
}

TEST_F(SharedWeights, AreLoadedOnceForModelsOfOtherSystemMessageAndSampling) {
  models::ModelEntry pirate = on_a("pirate");
  pirate.defaults.system = "You are a pirate.";
  pirate.defaults.temperature = 1.5F;
  ASSERT_TRUE(pool_.acquire(entry("a")));
  ASSERT_TRUE(pool_.acquire(pirate));
  EXPECT_EQ(loads_, 1);
}

TEST_F(SharedWeights, AreLoadedForEachContextThatModelsAreConfiguredWith) {
  const auto small = pool_.acquire(on_a("small", {.context_tokens = 512}));
  const auto large = pool_.acquire(on_a("large", {.context_tokens = 8192}));
  const auto usual = pool_.acquire(entry("a"));
  ASSERT_TRUE(small && large && usual);
  EXPECT_THAT(contexts_, ElementsAre(512, 8192, 0));
  EXPECT_EQ(pool_.loaded(), 3U);
  EXPECT_EQ(*pool_.acquire(on_a("large", {.context_tokens = 8192})), *large);
  EXPECT_EQ(loads_, 3);
}

TEST_F(SharedWeights, AreLoadedForEachKindOfCacheDeviceAndParallelism) {
  using generation::CacheType;
  ASSERT_TRUE(pool_.acquire(entry("a")));
  ASSERT_TRUE(pool_.acquire(on_a("k", {.key_type = CacheType::Q80})));
  ASSERT_TRUE(pool_.acquire(on_a("v", {.value_type = CacheType::Q80})));
  ASSERT_TRUE(pool_.acquire(on_a("g", {.gpu_layers = 0})));
  ASSERT_TRUE(pool_.acquire(on_a("p", {.parallel = 1})));
  EXPECT_EQ(loads_, 5);
}

TEST_F(SharedWeights, OfOneModelHaveAStatusOfTheirOwn) {
  const models::ModelEntry other = on_a("b", {.context_tokens = 512});
  ASSERT_TRUE(pool_.acquire(entry("a")));
  EXPECT_EQ(pool_.status(other).state, ModelState::Unloaded);
  ASSERT_TRUE(pool_.acquire(other));
  EXPECT_EQ(pool_.status(other).state, ModelState::Ready);
  EXPECT_THAT(pool_.status(other).shares_with, IsEmpty());
  EXPECT_EQ(pool_.unload(other, UnloadKind::Drain).state, ModelState::Unloaded);
  EXPECT_EQ(pool_.status(entry("a")).state, ModelState::Ready);
}

TEST_F(SharedWeights, AreToldOfEveryModelThatUsesTheEngine) {
  ASSERT_TRUE(pool_.acquire(entry("a")));
  ASSERT_TRUE(pool_.acquire(on_a("b")));
  const std::vector<ModelStatus> statuses = pool_.statuses();
  ASSERT_EQ(statuses.size(), 2U);
  EXPECT_EQ(statuses[0].name, "a");
  EXPECT_THAT(statuses[0].shares_with, ElementsAre("b"));
  EXPECT_EQ(statuses[1].name, "b");
  EXPECT_THAT(statuses[1].shares_with, ElementsAre("a"));
  EXPECT_EQ(pool_.loaded(), 1U);
}

TEST_F(SharedWeights, ForgetWhoUsedThemBeforeTheyWereLoadedAnew) {
  ASSERT_TRUE(pool_.acquire(entry("a")));
  ASSERT_TRUE(pool_.acquire(on_a("b")));
  EXPECT_EQ(pool_.unload(on_a("b"), UnloadKind::Drain).name, "b");
  ASSERT_TRUE(pool_.acquire(entry("a")));
  EXPECT_THAT(pool_.status(entry("a")).shares_with, IsEmpty());
}

TEST_F(SharedWeights, StayWhereOneOfTheModelsIsPinned) {
  ASSERT_TRUE(pool_.acquire(entry("a")));
  ASSERT_TRUE(pool_.acquire(on_a("b", {.pinned = true})));
  EXPECT_EQ(loads_, 1);
  EXPECT_TRUE(pool_.status(entry("a")).pinned);
}

TEST_F(SharedWeights, AreKeptAsTheModelThatCameLastIsConfigured) {
  ASSERT_TRUE(pool_.acquire(entry("a")));
  ASSERT_TRUE(pool_.acquire(on_a("b", {.keep_alive = models::KeepAlive{30s}})));
  EXPECT_EQ(pool_.status(entry("a")).keep_alive, models::KeepAlive{30s});
}

TEST_F(SharedWeights, AreKeptAsARequestHasAskedWhateverAModelIsConfiguredWith) {
  ASSERT_TRUE(pool_.acquire(entry("a"), {.keep_alive = models::KeepAlive{90s}}));
  ASSERT_TRUE(pool_.acquire(on_a("b", {.keep_alive = models::KeepAlive{30s}})));
  EXPECT_EQ(pool_.status(entry("a")).keep_alive, models::KeepAlive{90s});
}

TEST_F(SharedWeights, AreStillTheModelsWhenItsConfigurationChanges) {
  ASSERT_TRUE(pool_.acquire(entry("a")));
  const models::ModelEntry changed = on_a("a", {.context_tokens = 512});
  EXPECT_EQ(pool_.status(changed).state, ModelState::Ready);
  ASSERT_TRUE(pool_.acquire(changed));
  EXPECT_EQ(loads_, 1);
  EXPECT_EQ(pool_.unload(changed, UnloadKind::Drain).state, ModelState::Unloaded);
  EXPECT_EQ(pool_.loaded(), 0U);
  ASSERT_TRUE(pool_.acquire(changed));
  EXPECT_THAT(contexts_, ElementsAre(0, 512));
}

TEST_F(SharedWeights, AreLoadedAnewForALoadThatAsksForMore) {
  const models::ModelEntry small = on_a("small", {.context_tokens = 512});
  ASSERT_TRUE(pool_.acquire(small));
  ASSERT_TRUE(pool_.load(small, {.context_tokens = 1024}));
  ASSERT_TRUE(pool_.acquire(small));
  EXPECT_THAT(contexts_, ElementsAre(512, 1024));
  EXPECT_EQ(pool_.loaded(), 1U);
}

TEST_F(SharedWeights, ThatFailedForOneContextAreTriedForAnother) {
  ModelPool pool(failing_, clock_);
  EXPECT_FALSE(pool.acquire(on_a("small", {.context_tokens = 512})));
  EXPECT_FALSE(pool.acquire(on_a("large", {.context_tokens = 8192})));
  EXPECT_FALSE(pool.acquire(on_a("small", {.context_tokens = 512})));
  EXPECT_EQ(loads_, 2);
}

TEST_F(SharedWeights, LeaveMemoryForAnotherContextWhereThereIsNoRoomForBoth) {
  MemoryBudget budget(15);
  const auto pool = make_pool(counting_, budget);
  const models::ModelEntry large = on_a("large", {.context_tokens = 4});
  ASSERT_TRUE(pool->acquire(entry("a")));
  ASSERT_TRUE(pool->acquire(large));
  EXPECT_TRUE(comes_true([&] { return pool->status(entry("a")).state == ModelState::Unloaded; }));
  EXPECT_EQ(pool->status(large).state, ModelState::Ready);
}

}  // namespace
}  // namespace shimmy::pool
