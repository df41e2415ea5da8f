// Schedulers that share the cores: each step waits for its turn.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "scheduler/scheduling_fixture.h"

namespace shimmy::scheduler {
namespace {

class SharedTurns : public Scheduling {
 protected:
  void wait_until_it_waits() const {
    while (turns.waiting() == 0) std::this_thread::yield();
  }
};

TEST_F(SharedTurns, AStepWaitsForItsTurn) {
  make(2, 100);
  Reader& reader = submit(request("hello", 1));
  auto other = turns.take();
  auto step = std::async(std::launch::async, [&] { return scheduler->step(); });
  wait_until_it_waits();
  EXPECT_TRUE(decoder->batches.empty());
  other.reset();
  EXPECT_TRUE(step.get());
  EXPECT_EQ(decoder->batches.size(), 1U);
  run();
  EXPECT_EQ(reader.text, expected("hello", 1));
}

TEST_F(SharedTurns, AStopRequestEndsTheWait) {
  make(2, 100);
  Reader& reader = submit(request("hello", 1));
  std::stop_source stop;
  {
    const auto other = turns.take();
    auto step = std::async(std::launch::async, [&] { return scheduler->step(stop.get_token()); });
    wait_until_it_waits();
    stop.request_stop();
    EXPECT_TRUE(step.get());
  }
  EXPECT_TRUE(decoder->batches.empty());
  run();
  EXPECT_EQ(reader.text, expected("hello", 1)) << "nobody was failed by the stop";
}

TEST_F(SharedTurns, TheTurnEndsBeforeTokensAreChosen) {
  make(2, 100);
  bool free_while_choosing = false;
  auto asked = request("a", 2);
  auto outbox = std::make_shared<Outbox>(100, [] {});
  class AskingSampler final : public Sampler {
   public:
    AskingSampler(ComputeTurns& turns, bool& is_free) : turns_(turns), is_free_(is_free) {}
    base::Result<generation::Token> sample(std::span<const float> /*logits*/) override {
      is_free_ = turns_.take().has_value();
      return 'a';
    }

   private:
    ComputeTurns& turns_;
    bool& is_free_;
  };
  scheduler->add({std::move(asked), std::make_unique<AskingSampler>(turns, free_while_choosing),
                  outbox, clock.now()});
  run();
  EXPECT_TRUE(free_while_choosing);
}

TEST_F(SharedTurns, SaysThatItHasWorkUntilItHasNone) {
  make(2, 100);
  submit(request("hello", 3));
  EXPECT_EQ(turns.working(), 0U);
  scheduler->step();
  EXPECT_EQ(turns.working(), 1U);
  run();
  EXPECT_EQ(turns.working(), 0U);
}

TEST_F(SharedTurns, APromptGivesWayToThoseWhoAlsoCompute) {
  const std::string prompt(600, 'x');
  make(2, 1000);
  decoder->on_decode = [&](std::span<const Row> rows) {
    clock.advance(std::chrono::milliseconds(rows.size()));
  };
  submit(request(prompt, 1));
  scheduler->step();
  EXPECT_EQ(decoder->batches.back().size(), 512U) << "alone it takes all";
  run();
  const ComputeTurns::Work other(turns);
  submit(request(prompt, 1));
  scheduler->step();
  EXPECT_LT(decoder->batches.back().size(), 512U);
}

}  // namespace
}  // namespace shimmy::scheduler
