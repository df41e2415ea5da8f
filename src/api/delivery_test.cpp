#include "api/delivery.h"

#include <gtest/gtest.h>

#include <thread>

#include "support/fake_engine.h"
#include "support/fake_exchange.h"

namespace shimmy::api {
namespace {

using support::FakeEngine;
using support::FakeExchange;
using support::finished_event;
using support::text_event;

// What an outlet was told, kept beyond its life.
struct Record {
  std::string told;
  bool is_full = false;
  bool is_destroyed = false;
  std::function<void()> go_on;
};

class RecordingOutlet final : public Outlet {
 public:
  explicit RecordingOutlet(Record& record) : record_(record) {}
  ~RecordingOutlet() override { record_.is_destroyed = true; }

  void begin(http::Exchange& /*exchange*/, std::function<void()> go_on) override {
    record_.told += "begin ";
    record_.go_on = std::move(go_on);
  }
  void text(std::size_t choice, const generation::TextEvent& text) override {
    record_.told += (choice > 0 ? std::to_string(choice) : "") + text.text + ' ';
  }
  void finished(std::size_t choice, const generation::FinishedEvent& /*event*/) override {
    record_.told += choice > 0 ? std::to_string(choice) + " finished " : "finished ";
  }
  void completed(http::Exchange& exchange) override {
    record_.told += "completed";
    exchange.respond({});
  }
  void failed(http::Exchange& exchange, const base::Error& error) override {
    record_.told += "failed: " + error.message;
    exchange.respond({});
  }
  bool is_full() const override { return record_.is_full; }

 private:
  Record& record_;
};

class DeliveryTest : public testing::Test {
 protected:
  // As every server does in the end: what is unanswered then must not live on.
  void TearDown() override {
    exchange_->disconnect();
    EXPECT_EQ(exchange_.use_count(), 1);
  }

  void deliver_some(std::size_t count) {
    deliver(exchange_, engine_, generations(count), std::make_unique<RecordingOutlet>(record_));
  }
  void deliver_one() { deliver_some(1); }

  Generations generations(std::size_t count) {
    Generations result;
    while (result.size() < count) result.push_back(engine_->submit(request()).value());
    return result;
  }

  static generation::Request request() {
    generation::Request request;
    request.prompt = {1};
    return request;
  }

  Record record_;
  std::shared_ptr<FakeEngine> engine_ = std::make_shared<FakeEngine>();
  std::shared_ptr<FakeExchange> exchange_ =
      std::make_shared<FakeExchange>(support::get_request("/"));
};

TEST_F(DeliveryTest, HandsOverEveryEventInOrder) {
  engine_->script({text_event("a"), text_event("b"), finished_event()});
  deliver_one();
  EXPECT_EQ(record_.told, "");  // nothing happens off the I/O thread
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin a b finished completed");
}

TEST_F(DeliveryTest, WaitsForEventsWithoutBlocking) {
  deliver_one();
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin ");
  engine_->emit(0, text_event("a"));
  EXPECT_EQ(record_.told, "begin ");  // the engine's thread only posts
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin a ");
  engine_->emit(0, text_event("b"));
  engine_->emit(0, finished_event());
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin a b finished completed");
}

TEST_F(DeliveryTest, TakesSeveralGenerationsInTurn) {
  engine_->script({text_event("a"), text_event("b"), finished_event()});
  engine_->script({text_event("x"), finished_event()});
  deliver_some(2);
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin a 1x b 1 finished finished completed");
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(DeliveryTest, CancelsTheOthersWhenOneFails) {
  engine_->script({text_event("a")});
  engine_->script({base::Error{base::ErrorCode::GenerationFailed, "It broke.", {}, {}}});
  deliver_some(3);
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin a failed: It broke.");
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(DeliveryTest, TellsTheClientWhenTheServerStops) {
  deliver_some(2);
  exchange_->run_tasks();
  exchange_->stop();
  EXPECT_EQ(record_.told.substr(0, 27), "begin failed: The server is");
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(DeliveryTest, EndsBeforeItBeginsWhenTheClientIsGone) {
  deliver_one();
  exchange_->disconnect();
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "");
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(DeliveryTest, ChargesForEachToken) {
  engine_->script({generation::TextEvent{"ab", {{}, {}}}, text_event("c"), finished_event()});
  engine_->script({generation::TextEvent{"d", {{}}}, finished_event()});
  deliver_some(2);
  exchange_->run_tasks();
  EXPECT_EQ(exchange_->charged(), 3);
}

TEST_F(DeliveryTest, TakesNothingWhileTheOutletIsFull) {
  deliver_one();
  exchange_->run_tasks();
  record_.is_full = true;
  engine_->emit(0, text_event("a"));
  engine_->emit(0, text_event("b"));
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin ");
  EXPECT_EQ(engine_->unread(0), 2U);
  record_.is_full = false;
  record_.go_on();
  EXPECT_EQ(record_.told, "begin a b ");
  EXPECT_EQ(engine_->unread(0), 0U);
}

TEST_F(DeliveryTest, PassesErrorsOn) {
  engine_->script(
      {text_event("a"), base::Error{base::ErrorCode::GenerationFailed, "It broke.", {}, {}}});
  deliver_one();
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin a failed: It broke.");
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(DeliveryTest, FreesEverythingAtTheEnd) {
  engine_->script({finished_event()});
  deliver_one();
  exchange_->run_tasks();
  EXPECT_EQ(engine_->alive(), 0U);
  EXPECT_TRUE(record_.is_destroyed);
  EXPECT_EQ(exchange_.use_count(), 1);
  EXPECT_EQ(engine_.use_count(), 1);
}

TEST_F(DeliveryTest, CancelsWhenTheClientGoes) {
  deliver_one();
  exchange_->run_tasks();
  EXPECT_EQ(engine_->alive(), 1U);
  exchange_->disconnect();
  EXPECT_EQ(engine_->alive(), 0U);
  EXPECT_TRUE(record_.is_destroyed);
  EXPECT_EQ(exchange_.use_count(), 1);
  engine_->emit(0, text_event("late"));
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin ");
}

TEST_F(DeliveryTest, CancelsWhenTheClientWasGoneBeforeItBegan) {
  engine_->script({text_event("a"), finished_event()});
  deliver_one();
  exchange_->disconnect();
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "");
  EXPECT_EQ(engine_->alive(), 0U);
}

TEST_F(DeliveryTest, IgnoresAWakeThatComesAfterTheClientWent) {
  deliver_one();
  exchange_->run_tasks();
  engine_->emit(0, text_event("a"));  // posted, not yet run
  exchange_->disconnect();
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin ");
}

TEST_F(DeliveryTest, IgnoresACallToGoOnAfterTheEnd) {
  engine_->script({finished_event()});
  deliver_one();
  exchange_->run_tasks();
  record_.go_on();
  EXPECT_EQ(record_.told, "begin finished completed");
}

TEST_F(DeliveryTest, CancelsWhenTheServerDropsItsTasks) {
  deliver_one();
  exchange_->drop_tasks();
  EXPECT_EQ(engine_->alive(), 0U);
  EXPECT_EQ(exchange_.use_count(), 1);
}

TEST_F(DeliveryTest, TellsTheClientWhenTheEngineGoes) {
  deliver(exchange_, nullptr, generations(1), std::make_unique<RecordingOutlet>(record_));
  exchange_->run_tasks();
  engine_.reset();
  exchange_->run_tasks();
  EXPECT_EQ(record_.told, "begin failed: The engine was stopped.");
}

TEST_F(DeliveryTest, KeepsTheEngineMeanwhile) {
  deliver_one();
  exchange_->run_tasks();
  const std::weak_ptr<FakeEngine> engine = engine_;
  engine_.reset();
  EXPECT_FALSE(engine.expired());
  exchange_->disconnect();
  EXPECT_TRUE(engine.expired());
}

TEST_F(DeliveryTest, TakesEventsFromAnotherThread) {
  deliver_one();
  exchange_->run_tasks();
  std::jthread producer([&] {
    for (int i = 0; i < 1000; ++i) engine_->emit(0, text_event("x"));
    engine_->emit(0, finished_event());
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!exchange_->response() && std::chrono::steady_clock::now() < deadline)
    exchange_->run_tasks();
  EXPECT_TRUE(exchange_->response());
  EXPECT_EQ(record_.told.size(), std::string("begin finished completed").size() + 2000);
}

}  // namespace
}  // namespace shimmy::api
