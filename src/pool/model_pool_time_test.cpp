// When models leave because nobody asks for them.
#include "pool/model_pool_fixture.h"

namespace shimmy::pool {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

class KeepAliveTest : public PoolFixture {
 protected:
  // After what is due has gone.
  bool is_loaded(const std::string& name) {
    pool_.expire_now();
    EXPECT_TRUE(
        comes_true([&] { return pool_.status(entry(name)).state != ModelState::Draining; }));
    return pool_.status(entry(name)).state == ModelState::Ready;
  }

  ModelPool pool_{counting_, clock_};
};

TEST_F(KeepAliveTest, IsFiveMinutesAfterTheLastUse) {
  auto engine = *pool_.acquire(entry("a"));
  clock_.advance(10min);
  engine.reset();
  clock_.advance(5min - 1s);
  EXPECT_TRUE(is_loaded("a"));
  clock_.advance(1s);
  EXPECT_FALSE(is_loaded("a"));
}

TEST_F(KeepAliveTest, StartsAnewWithEachUse) {
  ASSERT_TRUE(pool_.acquire(entry("a")));
  clock_.advance(4min);
  ASSERT_TRUE(pool_.acquire(entry("a")));
  clock_.advance(4min);
  EXPECT_TRUE(is_loaded("a"));
}

TEST_F(KeepAliveTest, DoesNotEndWhileTheModelIsUsed) {
  const auto engine = *pool_.acquire(entry("a"));
  clock_.advance(60min);
  EXPECT_TRUE(is_loaded("a"));
}

TEST_F(KeepAliveTest, DoesNotEndWhileARequestRunsThatNobodyHolds) {
  auto engine = *pool_.acquire(entry("a"));
  StubEngine& running = stub(engine);
  running.running = 1;
  engine.reset();
  clock_.advance(6min);
  EXPECT_TRUE(is_loaded("a"));
  running.running = 0;
  clock_.advance(5min);
  EXPECT_FALSE(is_loaded("a"));
}

TEST_F(KeepAliveTest, ZeroUnloadsAfterTheRequest) {
  auto engine = *pool_.acquire(entry("a"), {.keep_alive = models::KeepAlive{0s}});
  EXPECT_TRUE(is_loaded("a"));
  engine.reset();
  EXPECT_TRUE(comes_true([&] { return pool_.loaded() == 0; })) << "without being told";
}

TEST_F(KeepAliveTest, MayBeForEver) {
  ASSERT_TRUE(pool_.acquire(entry("a"), {.keep_alive = models::KeepAlive{std::nullopt}}));
  clock_.advance(std::chrono::hours(24 * 365));
  EXPECT_TRUE(is_loaded("a"));
}

TEST_F(KeepAliveTest, CanBeLongerThanTheClockCounts) {
  ASSERT_TRUE(
      pool_.acquire(entry("a"), {.keep_alive = models::KeepAlive{std::chrono::seconds::max()}}));
  clock_.advance(60min);
  EXPECT_TRUE(is_loaded("a"));
}

TEST_F(KeepAliveTest, IsAsTheLastRequestSaid) {
  ASSERT_TRUE(pool_.acquire(entry("a"), {.keep_alive = models::KeepAlive{30min}}));
  ASSERT_TRUE(pool_.acquire(entry("a")));
  clock_.advance(10min);
  EXPECT_TRUE(is_loaded("a"));
  ASSERT_TRUE(pool_.acquire(entry("a"), {.keep_alive = models::KeepAlive{1min}}));
  clock_.advance(1min);
  EXPECT_FALSE(is_loaded("a"));
}

TEST_F(KeepAliveTest, IsAsTheModelIsConfigured) {
  models::ModelEntry model = entry("a");
  model.defaults.load.keep_alive = models::KeepAlive{60min};
  ASSERT_TRUE(pool_.acquire(model));
  clock_.advance(50min);
  EXPECT_TRUE(is_loaded("a"));
}

std::optional<models::KeepAlive> nothing(const models::ModelEntry&) { return std::nullopt; }

TEST_F(KeepAliveTest, ANewConfigurationActsOnIdleModelsAndOnLoads) {
  ASSERT_TRUE(pool_.acquire(entry("a")));
  pool_.configure_keep_alive(models::KeepAlive{1min}, nothing);
  EXPECT_EQ(pool_.status(entry("a")).keep_alive, models::KeepAlive{1min});
  clock_.advance(1min);
  EXPECT_FALSE(is_loaded("a"));
  ASSERT_TRUE(pool_.acquire(entry("b")));
  clock_.advance(1min);
  EXPECT_FALSE(is_loaded("b"));
}

TEST_F(KeepAliveTest, ANewConfigurationLetsModelsGoWithoutBeingToldAgain) {
  ASSERT_TRUE(pool_.acquire(entry("a")));
  pool_.configure_keep_alive(models::KeepAlive{0s}, nothing);
  EXPECT_TRUE(comes_true([&] { return pool_.loaded() == 0; }));
}

TEST_F(KeepAliveTest, ANewConfigurationMayKnowTheModel) {
  for (const char* name : {"a", "b"}) ASSERT_TRUE(pool_.acquire(entry(name)));
  pool_.configure_keep_alive(models::KeepAlive{1min}, [](const models::ModelEntry& model) {
    return model.name == "a" ? std::optional(models::KeepAlive{60min}) : std::nullopt;
  });
  clock_.advance(2min);
  EXPECT_TRUE(is_loaded("a"));
  EXPECT_FALSE(is_loaded("b"));
}

TEST_F(KeepAliveTest, ANewConfigurationLeavesWhatARequestAskedFor) {
  ASSERT_TRUE(pool_.acquire(entry("a"), {.keep_alive = models::KeepAlive{60min}}));
  ASSERT_TRUE(pool_.acquire(entry("b")));
  ASSERT_TRUE(pool_.acquire(entry("b"), {.keep_alive = models::KeepAlive{60min}}));
  pool_.configure_keep_alive(models::KeepAlive{1min}, nothing);
  clock_.advance(2min);
  EXPECT_TRUE(is_loaded("a"));
  EXPECT_TRUE(is_loaded("b"));
}

TEST_F(KeepAliveTest, ANewConfigurationActsAgainOnceTheModelHasLeft) {
  ASSERT_TRUE(pool_.acquire(entry("a"), {.keep_alive = models::KeepAlive{60min}}));
  pool_.unload(entry("a"), UnloadKind::Drain);
  ASSERT_TRUE(pool_.acquire(entry("a")));
  pool_.configure_keep_alive(models::KeepAlive{1min}, nothing);
  clock_.advance(1min);
  EXPECT_FALSE(is_loaded("a"));
}

TEST_F(KeepAliveTest, DoesNotConcernPinnedModels) {
  ASSERT_TRUE(pool_.acquire(entry("a"), {.pinned = true}));
  clock_.advance(60min);
  EXPECT_TRUE(is_loaded("a"));
  ASSERT_TRUE(pool_.load(entry("a"), {.pinned = false}));
  clock_.advance(5min);
  EXPECT_FALSE(is_loaded("a"));
}

TEST_F(KeepAliveTest, IsEachModelsOwn) {
  ASSERT_TRUE(pool_.acquire(entry("a"), {.keep_alive = models::KeepAlive{1min}}));
  ASSERT_TRUE(pool_.acquire(entry("b"), {.keep_alive = models::KeepAlive{2min}}));
  clock_.advance(1min);
  EXPECT_FALSE(is_loaded("a"));
  EXPECT_TRUE(is_loaded("b"));
}

TEST_F(KeepAliveTest, AModelThatHasLeftIsLoadedAgain) {
  ASSERT_TRUE(pool_.acquire(entry("a")));
  clock_.advance(5min);
  EXPECT_FALSE(is_loaded("a"));
  EXPECT_TRUE(pool_.acquire(entry("a")));
  EXPECT_EQ(loads_, 2);
}

TEST_F(PoolFixture, TheDefaultKeepAliveIsThePools) {
  ModelPool pool(counting_, clock_, {.keep_alive = models::KeepAlive{1min}});
  ASSERT_TRUE(pool.acquire(entry("a")));
  clock_.advance(1min);
  pool.expire_now();
  EXPECT_TRUE(comes_true([&] { return pool.loaded() == 0; }));
}

}  // namespace
}  // namespace shimmy::pool
