// When models leave because somebody says so.
#include "pool/model_pool_fixture.h"

namespace shimmy::pool {
namespace {

using base::ErrorCode;

class UnloadTest : public PoolFixture {
 protected:
  std::future<ModelStatus> unload(UnloadKind how, std::stop_token stop = {}) {
    return std::async(std::launch::async, [this, how, stop = std::move(stop)] {
      return pool_.unload(entry("a"), how, stop);
    });
  }
  bool becomes(ModelState state) {
    return comes_true([&] { return pool_.status(entry("a")).state == state; });
  }

  std::atomic<bool> wait_in_load_ = false;
  ModelPool pool_{[this](const LoadRequest& request) -> EngineResult {
                    ++loads_;
                    while (wait_in_load_) {
                      if (!request.progress(0)) return load_error();
                      std::this_thread::yield();
                    }
                    return std::make_shared<StubEngine>(request.memory);
                  },
                  clock_};
};

TEST_F(UnloadTest, DestroysTheEngineBeforeItReturns) {
  std::atomic<bool> ended = false;
  stub(*pool_.acquire(entry("a"))).on_end = [&] { ended = true; };
  EXPECT_EQ(pool_.unload(entry("a"), UnloadKind::Drain).state, ModelState::Unloaded);
  EXPECT_TRUE(ended);
  EXPECT_EQ(pool_.loaded(), 0U);
}

TEST_F(UnloadTest, OfAModelThatIsNotLoadedIsFine) {
  EXPECT_EQ(pool_.unload(entry("a"), UnloadKind::Drain).state, ModelState::Unloaded);
  EXPECT_EQ(pool_.unload(entry("a"), UnloadKind::Force).name, "a");
  EXPECT_EQ(loads_, 0);
}

TEST_F(UnloadTest, TakesPinnedModels) {
  ASSERT_TRUE(pool_.acquire(entry("a"), {.pinned = true}));
  EXPECT_EQ(pool_.unload(entry("a"), UnloadKind::Drain).state, ModelState::Unloaded);
}

TEST_F(UnloadTest, WaitsForRequestsThatRun) {
  auto engine = *pool_.acquire(entry("a"));
  auto gone = unload(UnloadKind::Drain);
  EXPECT_TRUE(becomes(ModelState::Draining));
  EXPECT_EQ(stub(engine).stops, 0);
  EXPECT_EQ(stub(engine).drains, 0) << "who holds the engine may still submit";
  engine.reset();
  EXPECT_EQ(gone.get().state, ModelState::Unloaded);
}

TEST_F(UnloadTest, LeavesTheModelDrainingForWhoGivesUpWaiting) {
  auto engine = *pool_.acquire(entry("a"));
  std::stop_source leaving;
  auto gone = unload(UnloadKind::Drain, leaving.get_token());
  EXPECT_TRUE(becomes(ModelState::Draining));
  leaving.request_stop();
  EXPECT_EQ(gone.get().state, ModelState::Draining);
  engine.reset();
  EXPECT_TRUE(becomes(ModelState::Unloaded));
}

TEST_F(UnloadTest, WithForceCutsRequestsThatRun) {
  auto engine = *pool_.acquire(entry("a"));
  stub(engine).on_stop = [&] { engine.reset(); };  // as a handler does that hears of it
  EXPECT_EQ(unload(UnloadKind::Force).get().state, ModelState::Unloaded);
}

TEST_F(UnloadTest, WithForceHelpsOneThatDrains) {
  auto engine = *pool_.acquire(entry("a"));
  stub(engine).on_stop = [&] { engine.reset(); };
  auto gone = unload(UnloadKind::Drain);
  EXPECT_TRUE(becomes(ModelState::Draining));
  EXPECT_EQ(unload(UnloadKind::Force).get().state, ModelState::Unloaded);
  EXPECT_EQ(gone.get().state, ModelState::Unloaded);
}

TEST_F(UnloadTest, WithForceAbortsALoad) {
  wait_in_load_ = true;
  auto answer = std::async(std::launch::async, [&] { return pool_.acquire(entry("a")); });
  EXPECT_TRUE(becomes(ModelState::Loading));
  EXPECT_EQ(unload(UnloadKind::Force).get().state, ModelState::Unloaded);
  EXPECT_EQ(answer.get().error().code, ErrorCode::Unavailable);
  wait_in_load_ = false;
  EXPECT_TRUE(pool_.acquire(entry("a"))) << "that was no failure";
}

TEST_F(UnloadTest, LetsALoadComeToItsEnd) {
  wait_in_load_ = true;
  auto answer = std::async(std::launch::async, [&] { return pool_.acquire(entry("a")); });
  EXPECT_TRUE(becomes(ModelState::Loading));
  auto gone = unload(UnloadKind::Drain);
  wait_in_load_ = false;
  {
    const auto engine = answer.get();
    EXPECT_TRUE(engine) << "who waited is served first";
  }
  EXPECT_EQ(gone.get().state, ModelState::Unloaded);
}

TEST_F(UnloadTest, MakesNewRequestsWaitForTheNextLoad) {
  auto engine = *pool_.acquire(entry("a"));
  auto gone = unload(UnloadKind::Drain);
  EXPECT_TRUE(becomes(ModelState::Draining));
  auto next = std::async(std::launch::async, [&] { return pool_.acquire(entry("a")); });
  EXPECT_TRUE(comes_true([&] { return pool_.status(entry("a")).waiting == 1; }));
  engine.reset();
  EXPECT_TRUE(next.get());
  EXPECT_TRUE(is_ready_soon(gone)) << "though the model is in memory again by now";
  EXPECT_EQ(loads_, 2);
}

TEST_F(UnloadTest, MayEndWhileARequestIsStillBeingCancelled) {
  auto engine = *pool_.acquire(entry("a"));
  StubEngine& running = stub(engine);
  running.running = 1;
  engine.reset();
  EXPECT_EQ(unload(UnloadKind::Drain).get().state, ModelState::Unloaded);
}

}  // namespace
}  // namespace shimmy::pool
