// Loads that take their time, and callers that do not wait for them.
#include "pool/model_pool_fixture.h"

namespace shimmy::pool {
namespace {

using base::ErrorCode;

// A load that goes on until the test lets it, or it is aborted.
class SlowLoad : public PoolFixture {
 protected:
  std::future<EngineResult> ask(ModelPool& pool, std::stop_token stop = {}) {
    return std::async(std::launch::async, [&pool, stop = std::move(stop)] {
      return pool.acquire(entry("a"), {}, stop);
    });
  }
  static bool has_waiters(const ModelPool& pool, std::size_t count) {
    return comes_true([&] { return pool.status(entry("a")).waiting == count; });
  }

  std::atomic<bool> go_on_ = false;
  EngineFactory slow_ = [this](const LoadRequest& request) -> EngineResult {
    ++loads_;
    while (!go_on_) {
      if (!request.progress(0.5F)) return base::fail(ErrorCode::Cancelled, "aborted");
      std::this_thread::yield();
    }
    return std::make_shared<StubEngine>(request.memory);
  };
};

TEST_F(SlowLoad, GoesOnWhenOneOfTwoWaitersLeaves) {
  ModelPool pool(slow_, clock_);
  std::stop_source leaving;
  auto first = ask(pool, leaving.get_token());
  auto second = ask(pool);
  ASSERT_TRUE(has_waiters(pool, 2));
  ASSERT_TRUE(comes_true([&] { return pool.status(entry("a")).state == ModelState::Loading; }));
  leaving.request_stop();
  EXPECT_EQ(first.get().error().code, ErrorCode::Cancelled);
  EXPECT_EQ(pool.status(entry("a")).state, ModelState::Loading);
  go_on_ = true;
  EXPECT_TRUE(second.get());
  EXPECT_EQ(loads_, 1);
}

TEST_F(SlowLoad, IsAbortedWhenAllHaveLeftAndIsNoFailure) {
  ModelPool pool(slow_, clock_);
  std::stop_source leaving;
  auto only = ask(pool, leaving.get_token());
  ASSERT_TRUE(has_waiters(pool, 1));
  leaving.request_stop();
  EXPECT_EQ(only.get().error().code, ErrorCode::Cancelled);
  EXPECT_TRUE(comes_true([&] { return pool.status(entry("a")).state == ModelState::Unloaded; }));
  go_on_ = true;
  EXPECT_TRUE(pool.acquire(entry("a"))) << "the next one loads anew, at once";
  EXPECT_EQ(loads_, 2);
}

TEST_F(SlowLoad, DoesNotTakeInACallerThatComesAfterTheLastHasLeft) {
  std::promise<void> may_end;
  auto ending = may_end.get_future().share();
  ModelPool pool(
      [&](const LoadRequest& request) -> EngineResult {
        if (++loads_ > 1) return std::make_shared<StubEngine>();
        while (request.progress(0)) std::this_thread::yield();
        ending.wait();
        return base::fail(ErrorCode::Cancelled, "aborted");
      },
      clock_);
  std::stop_source leaving;
  auto first = ask(pool, leaving.get_token());
  ASSERT_TRUE(has_waiters(pool, 1));
  leaving.request_stop();
  EXPECT_FALSE(first.get());
  auto second = ask(pool);
  may_end.set_value();
  EXPECT_TRUE(second.get());
  EXPECT_EQ(loads_, 2);
}

TEST_F(SlowLoad, WaitersAreAnsweredAtOnceWhenTheServerStops) {
  ModelPool pool(slow_, clock_);
  auto answer = ask(pool);
  ASSERT_TRUE(has_waiters(pool, 1));
  pool.drain();
  EXPECT_EQ(answer.get().error().code, ErrorCode::Unavailable);
}

TEST_F(SlowLoad, ACallerThatIsGoneAlreadyLoadsNothing) {
  ModelPool pool(counting_, clock_);
  std::stop_source gone;
  gone.request_stop();
  EXPECT_EQ(pool.acquire(entry("a"), {}, gone.get_token()).error().code, ErrorCode::Cancelled);
  EXPECT_EQ(loads_, 0);
}

TEST_F(SlowLoad, ShowsItsProgressToAllWhoListen) {
  ModelPool pool(slow_, clock_);
  std::atomic<int> heard_by_one = 0;
  std::atomic<int> heard_by_other = 0;
  const auto load = [&](std::atomic<int>& heard) {
    return std::async(std::launch::async, [&] {
      return pool.load(entry("a"), {}, [&](float done) {
        EXPECT_EQ(done, 0.5F);
        ++heard;
        return true;
      });
    });
  };
  auto one = load(heard_by_one);
  auto other = load(heard_by_other);
  EXPECT_TRUE(comes_true([&] { return heard_by_one > 0 && heard_by_other > 0; }));
  EXPECT_EQ(pool.status(entry("a")).progress, 0.5F);
  go_on_ = true;
  EXPECT_EQ(one.get()->state, ModelState::Ready);
  EXPECT_EQ(other.get()->state, ModelState::Ready);
  EXPECT_EQ(loads_, 1);
}

}  // namespace
}  // namespace shimmy::pool
