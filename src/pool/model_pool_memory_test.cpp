// Who gets memory, who waits for it, and who has to go.
#include "base/quantity.h"
#include "pool/model_pool_fixture.h"

namespace shimmy::pool {
namespace {

using base::ErrorCode;
using std::chrono_literals::operator""s;

class PoolMemoryTest : public PoolFixture {
 protected:
  ~PoolMemoryTest() override { EXPECT_LE(budget_.used_bytes(), budget_.total_bytes()); }

  std::future<EngineResult> ask(const std::string& name, std::stop_token stop = {}) {
    return std::async(std::launch::async, [this, name, stop = std::move(stop)] {
      return pool_->acquire(entry(name), {}, stop);
    });
  }
  ModelState state(const std::string& name) { return pool_->status(entry(name)).state; }
  bool becomes(const std::string& name, ModelState wanted) {
    return comes_true([&] { return state(name) == wanted; });
  }
  // Loads it, and lets a second go by.
  void use(const std::string& name) {
    const auto engine = pool_->acquire(entry(name));
    EXPECT_TRUE(engine) << engine.error().message;
    clock_.advance(1s);
  }

  MemoryBudget budget_{100};
  std::unique_ptr<ModelPool> pool_ = make_pool(counting_, budget_);
};

TEST_F(PoolMemoryTest, ALoadClaimsWhatItIsForecastToNeed) {
  sizes_ = {{"a", 70}};
  const auto engine = *pool_->acquire(entry("a"));
  EXPECT_EQ(stub(engine).memory->bytes(), 70U);
  EXPECT_EQ(budget_.used_bytes(), 70U);
  EXPECT_EQ(pool_->status(entry("a")).memory.weights, 70U);
}

TEST_F(PoolMemoryTest, MemoryComesBackWithTheEngine) {
  use("a");
  EXPECT_EQ(budget_.used_bytes(), 10U);
  pool_->unload(entry("a"), UnloadKind::Drain);
  EXPECT_EQ(budget_.used_bytes(), 0U);
}

TEST_F(PoolMemoryTest, AFailedLoadGivesItsMemoryBack) {
  pool_ = make_pool(failing_, budget_);
  EXPECT_FALSE(pool_->acquire(entry("a")));
  EXPECT_EQ(budget_.used_bytes(), 0U);
}

TEST_F(PoolMemoryTest, ALoadThatWaitsHearsOfALargerBudget) {
  sizes_ = {{"a", 80}, {"b", 70}};
  const auto busy = *pool_->acquire(entry("a"));
  auto next = ask("b");
  EXPECT_TRUE(becomes("b", ModelState::Queued));
  budget_.set_total(150);
  ASSERT_TRUE(is_ready_soon(next));
  EXPECT_TRUE(next.get());
}

TEST_F(PoolMemoryTest, ALoadThatWaitsIsRefusedWhereTheBudgetBecomesTooSmallForIt) {
  sizes_ = {{"a", 80}, {"b", 70}};
  auto busy = *pool_->acquire(entry("a"));
  auto next = ask("b");
  EXPECT_TRUE(becomes("b", ModelState::Queued));
  budget_.set_total(60);
  ASSERT_TRUE(is_ready_soon(next));
  EXPECT_EQ(next.get().error().reason, "insufficient_memory");
  busy.reset();
  pool_->unload(entry("a"), UnloadKind::Drain);
}

TEST_F(PoolMemoryTest, ModelsThatHoldMoreThanANewBudgetLeaveWhenMemoryIsWanted) {
  sizes_ = {{"a", 40}, {"b", 40}, {"c", 20}};
  for (const char* name : {"a", "b"}) use(name);
  budget_.set_total(50);
  EXPECT_EQ(state("a"), ModelState::Ready);
  EXPECT_EQ(state("b"), ModelState::Ready);
  use("c");
  EXPECT_EQ(state("c"), ModelState::Ready);
  EXPECT_EQ(budget_.used_bytes(), 20U) << "one alone would not have been enough";
}

TEST_F(PoolMemoryTest, RefusesWhatCanNeverFit) {
  sizes_ = {{"huge", 101}};
  use("a");
  const auto refused = pool_->acquire(entry("huge"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::ModelLoadFailed);
  EXPECT_EQ(refused.error().reason, "insufficient_memory");
  EXPECT_EQ(state("a"), ModelState::Ready) << "nobody had to go for nothing";
  EXPECT_EQ(state("huge"), ModelState::Failed);
  EXPECT_EQ(loads_, 1);
}

TEST_F(PoolMemoryTest, RefusesAContextThatCanNeverFit) {
  sizes_ = {{"a", 60}};
  const auto refused = pool_->load(entry("a"), {.context_tokens = 50});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("largest context that would fit is 40"));
}

TEST_F(PoolMemoryTest, AForecastThatFailsFailsTheLoad) {
  pool_ = std::make_unique<ModelPool>(
      counting_, clock_,
      PoolOptions{.budget = &budget_,
                  .forecast = [](const models::ModelEntry&,
                                 const models::LoadOptions&) -> base::Result<MemoryForecast> {
                    return base::fail(ErrorCode::ModelLoadFailed, "broken header");
                  }});
  EXPECT_EQ(pool_->acquire(entry("a")).error().message, "broken header");
  EXPECT_EQ(loads_, 0);
}

TEST_F(PoolMemoryTest, EvictsTheModelUsedLongestAgo) {
  sizes_ = {{"a", 40}, {"b", 40}, {"c", 40}};
  use("a");
  use("b");
  use("a");
  use("c");
  EXPECT_EQ(state("a"), ModelState::Ready);
  EXPECT_TRUE(becomes("b", ModelState::Unloaded));
  EXPECT_EQ(state("c"), ModelState::Ready);
}

TEST_F(PoolMemoryTest, EvictsNobodyWhereThereIsRoom) {
  for (const char* name : {"a", "b", "c", "d"}) use(name);
  EXPECT_EQ(pool_->loaded(), 4U);
}

TEST_F(PoolMemoryTest, SparesPinnedModels) {
  sizes_ = {{"a", 40}, {"b", 40}, {"c", 40}};
  ASSERT_TRUE(pool_->load(entry("a"), {.pinned = true}));
  clock_.advance(1s);
  use("b");
  use("c");
  EXPECT_EQ(state("a"), ModelState::Ready);
  EXPECT_TRUE(becomes("b", ModelState::Unloaded));
}

TEST_F(PoolMemoryTest, SaysWhenPinnedModelsLeaveNoRoom) {
  sizes_ = {{"a", 40}, {"b", 70}};
  ASSERT_TRUE(pool_->load(entry("a"), {.pinned = true}));
  const auto refused = pool_->acquire(entry("b"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "insufficient_memory");
  EXPECT_THAT(refused.error().message, testing::HasSubstr("pinned"));
}

TEST_F(PoolMemoryTest, PrefersAnIdleModelToABusyOneUsedEarlier) {
  sizes_ = {{"a", 40}, {"b", 40}, {"c", 40}};
  const auto busy = *pool_->acquire(entry("a"));
  clock_.advance(1s);
  use("b");
  use("c");
  EXPECT_EQ(state("a"), ModelState::Ready);
  EXPECT_TRUE(becomes("b", ModelState::Unloaded));
}

TEST_F(PoolMemoryTest, WaitsForABusyModelAndNeverCutsIt) {
  sizes_ = {{"a", 60}, {"b", 60}};
  auto busy = *pool_->acquire(entry("a"));
  auto waiting = ask("b");
  EXPECT_TRUE(becomes("a", ModelState::Draining));
  EXPECT_TRUE(becomes("b", ModelState::Queued));
  EXPECT_EQ(stub(busy).drains + stub(busy).stops, 0);
  busy.reset();
  EXPECT_TRUE(waiting.get());
  EXPECT_TRUE(becomes("a", ModelState::Unloaded));
}

TEST_F(PoolMemoryTest, NewRequestsForAVictimQueueBehindTheLoadThatWaits) {
  sizes_ = {{"a", 60}, {"b", 60}};
  auto busy = *pool_->acquire(entry("a"));
  auto other = ask("b");
  EXPECT_TRUE(becomes("a", ModelState::Draining));
  auto again = ask("a");
  EXPECT_TRUE(comes_true([&] { return pool_->status(entry("a")).waiting == 1; }));
  busy.reset();
  auto second = other.get();
  ASSERT_TRUE(second) << "it came first";
  EXPECT_TRUE(becomes("b", ModelState::Draining)) << "now the other one waits for it";
  second->reset();
  EXPECT_TRUE(again.get());
}

TEST_F(PoolMemoryTest, ALargeModelIsNotStarvedBySmallOnes) {
  sizes_ = {{"a", 50}, {"large", 100}, {"small", 20}};
  auto busy = *pool_->acquire(entry("a"));
  auto large = ask("large");
  EXPECT_TRUE(becomes("large", ModelState::Queued));
  EXPECT_TRUE(becomes("a", ModelState::Draining));
  auto small = ask("small");  // which would find room at once
  EXPECT_TRUE(becomes("small", ModelState::Queued));
  EXPECT_EQ(loads_, 1);
  busy.reset();
  auto engine = large.get();
  ASSERT_TRUE(engine);
  engine->reset();
  EXPECT_TRUE(small.get());
}

TEST_F(PoolMemoryTest, WhoGivesUpWaitingMakesWayForTheNext) {
  sizes_ = {{"a", 50}, {"large", 100}, {"small", 20}};
  auto busy = *pool_->acquire(entry("a"), {.pinned = false});
  std::stop_source leaving;
  auto large = ask("large", leaving.get_token());
  EXPECT_TRUE(becomes("large", ModelState::Queued));
  EXPECT_TRUE(becomes("a", ModelState::Draining));
  auto small = ask("small");
  leaving.request_stop();
  EXPECT_EQ(large.get().error().code, ErrorCode::Cancelled);
  EXPECT_TRUE(small.get());
}

TEST_F(PoolMemoryTest, ALoadWaitsForOneThatHoldsMemory) {
  sizes_ = {{"a", 60}, {"b", 60}};
  std::promise<void> go_on;
  auto gate = go_on.get_future().share();
  pool_ = make_pool(
      [&](const LoadRequest& request) -> EngineResult {
        if (request.entry.name == "a") gate.wait();
        return std::make_shared<StubEngine>(request.memory);
      },
      budget_);
  auto first = ask("a");
  EXPECT_TRUE(becomes("a", ModelState::Loading));
  auto second = ask("b");
  EXPECT_TRUE(becomes("b", ModelState::Queued));
  go_on.set_value();
  EXPECT_TRUE(first.get()) << "who waited for it has it, before it has to go";
  EXPECT_TRUE(second.get());
}

TEST_F(PoolMemoryTest, ALoadThatWaitsEndsWithTheServer) {
  sizes_ = {{"a", 60}, {"b", 60}};
  const auto busy = *pool_->acquire(entry("a"));
  auto waiting = ask("b");
  EXPECT_TRUE(becomes("b", ModelState::Queued));
  pool_->drain();
  EXPECT_EQ(waiting.get().error().code, ErrorCode::Unavailable);
}

TEST_F(PoolMemoryTest, AGrowingModelMakesIdleOnesGo) {
  sizes_ = {{"a", 40}, {"b", 50}};
  const auto engine = *pool_->acquire(entry("a"));
  use("b");
  EXPECT_EQ(stub(engine).memory->limit(), 100U);
  EXPECT_TRUE(stub(engine).memory->resize(60));
  EXPECT_TRUE(becomes("b", ModelState::Unloaded));
  EXPECT_EQ(budget_.used_bytes(), 60U);
}

TEST_F(PoolMemoryTest, AGrowingModelDoesNotWaitForBusyOnes) {
  sizes_ = {{"a", 40}, {"b", 50}};
  const auto engine = *pool_->acquire(entry("a"));
  const auto busy = *pool_->acquire(entry("b"));
  EXPECT_EQ(stub(engine).memory->limit(), 50U);
  EXPECT_FALSE(stub(engine).memory->resize(60));
  EXPECT_EQ(stub(engine).memory->bytes(), 40U);
  EXPECT_EQ(state("b"), ModelState::Ready);
}

TEST_F(PoolMemoryTest, AGrowingModelSparesPinnedOnesAndItself) {
  sizes_ = {{"a", 40}, {"b", 50}};
  const auto claim = stub(*pool_->acquire(entry("a"))).memory;
  ASSERT_TRUE(pool_->load(entry("b"), {.pinned = true}));
  EXPECT_EQ(claim->limit(), 50U);
  EXPECT_FALSE(claim->resize(60));
  EXPECT_EQ(pool_->loaded(), 2U);
}

TEST_F(PoolMemoryTest, AGrowingModelTakesNobodysMemoryForNothing) {
  sizes_ = {{"a", 40}, {"b", 20}, {"c", 40}};
  const auto engine = *pool_->acquire(entry("a"));
  use("b");
  const auto busy = *pool_->acquire(entry("c"));
  EXPECT_FALSE(stub(engine).memory->resize(70));
  EXPECT_EQ(state("b"), ModelState::Ready);
}

TEST_F(PoolMemoryTest, EvictionCountsWhatAModelHasGrownBy) {
  sizes_ = {{"a", 30}, {"b", 30}, {"c", 60}};
  use("b");
  {
    const auto engine = *pool_->acquire(entry("a"));
    EXPECT_TRUE(stub(engine).memory->resize(60));
  }
  clock_.advance(1s);
  use("b");
  use("c");
  EXPECT_TRUE(becomes("a", ModelState::Unloaded));
  EXPECT_EQ(state("b"), ModelState::Ready);
}

TEST_F(PoolMemoryTest, MemoryThatAModelGivesBackStartsALoadThatWaits) {
  sizes_ = {{"a", 40}, {"b", 60}};
  const auto engine = *pool_->acquire(entry("a"), {.pinned = true});
  ASSERT_TRUE(stub(engine).memory->resize(60));
  pool_->load(entry("a"), {.pinned = false});
  auto waiting = ask("b");
  EXPECT_TRUE(becomes("b", ModelState::Queued));
  EXPECT_TRUE(stub(engine).memory->resize(40));
  EXPECT_TRUE(waiting.get());
}

class PoolGroupTest : public PoolFixture {
 protected:
  PoolGroupTest() : pool_(counting_, clock_, options()) {}

  PoolOptions options() {
    return {.budget = &budget_, .forecast = forecaster(), .groups = [this] {
              return std::vector<LoadGroup>{{"big", {"A", "b", "c"}, at_most_}};
            }};
  }

  std::vector<std::string> loaded() const {
    std::vector<std::string> names;
    for (const ModelStatus& status : pool_.statuses()) {
      if (status.state == ModelState::Ready) names.push_back(status.name);
    }
    return names;
  }

  MemoryBudget budget_{1000};
  std::size_t at_most_ = 1;
  ModelPool pool_;
};

TEST_F(PoolGroupTest, OnlySoManyMembersAreLoadedAtOnce) {
  for (const char* name : {"x", "a", "b"}) ASSERT_TRUE(pool_.acquire(entry(name))) << name;
  EXPECT_TRUE(comes_true([&] { return loaded() == std::vector<std::string>{"b", "x"}; }));
  at_most_ = 2;
  ASSERT_TRUE(pool_.acquire(entry("a")));
  EXPECT_EQ(loaded(), (std::vector<std::string>{"a", "b", "x"}));
}

TEST_F(PoolGroupTest, ABusyMemberFinishesFirst) {
  auto busy = pool_.acquire(entry("a"));
  ASSERT_TRUE(busy);
  auto next = std::async(std::launch::async, [&] { return pool_.acquire(entry("b")); });
  EXPECT_TRUE(comes_true([&] { return pool_.status(entry("a")).state == ModelState::Draining; }));
  EXPECT_EQ(loads_, 1);
  busy->reset();
  ASSERT_TRUE(is_ready_soon(next));
  EXPECT_TRUE(next.get());
}

TEST_F(PoolGroupTest, APinnedMemberKeepsItsPlace) {
  ASSERT_TRUE(pool_.acquire(entry("a"), {.pinned = true}));
  const auto refused = pool_.acquire(entry("b"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::ModelLoadFailed);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("group big"));
}

}  // namespace
}  // namespace shimmy::pool
