#include "scheduler/local_engine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "support/byte_tokenizer.h"
#include "support/engine_conformance.h"
#include "support/fake_decoder.h"

namespace shimmy::support {
namespace {

using base::ErrorCode;
using generation::Request;
using scheduler::Decoder;
using scheduler::EngineOptions;
using scheduler::EngineParts;
using scheduler::GreedySampler;
using scheduler::LocalEngine;
using scheduler::LogitEdits;
using scheduler::Row;

// Lets the engine's thread into decode() only while it is open.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    --waiting_;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void await_visitor() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

EngineParts parts(std::shared_ptr<Gate> gate = nullptr, std::size_t sequences = 8) {
  auto tokenizer = std::make_shared<ByteTokenizer>();
  auto decoder = std::make_unique<FakeDecoder>(
      Decoder::Limits{sequences, 2000, 64, tokenizer->size()}, scrambled_next);
  if (gate) decoder->on_decode = [gate](std::span<const Row>) { gate->pass(); };
  EngineParts parts;
  parts.decoder = std::move(decoder);
  parts.tokenizer = tokenizer;
  parts.make_sampler =
      [tokenizer](const Request& request) -> base::Result<std::unique_ptr<scheduler::Sampler>> {
    if (request.sampling.constraint.text == "bad")
      return base::fail_field("grammar", "cannot be read");
    return std::make_unique<GreedySampler>(LogitEdits(request, *tokenizer));
  };
  parts.facts.context_tokens = 2000;
  return parts;
}

Request request(const std::string& prompt, int max_tokens) {
  Request request;
  request.prompt = ByteTokenizer().encode(prompt, true, generation::SpecialText::Plain);
  request.max_tokens = max_tokens;
  return request;
}

INSTANTIATE_TEST_SUITE_P(Local, EngineConformance, testing::Values(EngineMaker{[] {
                           return std::make_shared<LocalEngine>(parts(), EngineOptions{});
                         }}));

TEST(LocalEngine, RefusesMoreThanMayQueue) {
  auto gate = std::make_shared<Gate>();
  LocalEngine engine(parts(gate, /*sequences=*/1), {.max_queued = 2});
  auto running = engine.submit(request("running", 5));
  gate->await_visitor();
  auto first = engine.submit(request("first", 5));
  auto second = engine.submit(request("second", 5));
  EXPECT_TRUE(first && second);
  const auto refused = engine.submit(request("third", 5));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Overloaded);
  EXPECT_TRUE(base::is_retryable(refused.error().code));
  EXPECT_EQ(engine.load().queued, 2U);
  gate->open();
  EXPECT_TRUE(engine.wait_idle());
  EXPECT_TRUE(engine.submit(request("fourth", 5))) << "and takes requests again";
}

TEST(LocalEngine, RefusesWhatMemoryCannotHoldWithAllNumbers) {
  EngineParts made = parts();
  dynamic_cast<FakeDecoder&>(*made.decoder).affordable_cells = 500;
  LocalEngine engine(std::move(made), {});
  EXPECT_TRUE(engine.submit(request(std::string(400, 'x'), 1)));
  const auto refused = engine.submit(request(std::string(600, 'x'), 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::ContextOverflow);
  for (const char* number : {"601", "500", "2000"}) {
    EXPECT_NE(refused.error().message.find(number), std::string::npos) << number;
  }
}

TEST(LocalEngine, GivesBackWhatItsContextGrewByWhenIdle) {
  EngineParts made = parts();
  dynamic_cast<FakeDecoder&>(*made.decoder).begin_with(100);
  LocalEngine engine(std::move(made), {.shrink_after = std::chrono::milliseconds(1)});
  EXPECT_EQ(engine.load().kv_cells, 100U);
  {
    auto generation = engine.submit(request(std::string(400, 'x'), 1));
    while (const auto event = (*generation)->next()) {
      EXPECT_FALSE(std::holds_alternative<base::Error>(*event));
    }
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (engine.load().kv_cells != 100 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(engine.load().kv_cells, 100U);
}

TEST(LocalEngine, CountsItsTimeByWhatItIsSpentOn) {
  LocalEngine engine(parts(), {});
  auto generation = engine.submit(request("hello", 10));
  while ((*generation)->next()) {
  }
  EXPECT_TRUE(engine.wait_idle());
  const generation::EngineLoad load = engine.load();
  EXPECT_EQ(load.decoded_tokens, 9U);  // the first comes from the prompt's step
  EXPECT_GT(load.prefill_seconds, 0);
  EXPECT_GT(load.decode_seconds, 0);
}

TEST(LocalEngine, ReportsWhatASamplerCannotDo) {
  LocalEngine engine(parts(), {});
  Request asked = request("hello", 5);
  asked.sampling.constraint.text = "bad";
  const auto refused = engine.submit(asked);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param, "grammar");
}

TEST(LocalEngine, RefusesBiasesOfTokensThatDoNotExist) {
  LocalEngine engine(parts(), {});
  Request asked = request("hello", 5);
  asked.sampling.logit_bias = {{'a', 1.0F}, {100000, 1.0F}};
  const auto refused = engine.submit(asked);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param, "logit_bias");
  EXPECT_NE(refused.error().message.find("100000"), std::string::npos);
}

TEST(LocalEngine, GoesOnWhenAReaderHasMadeRoom) {
  LocalEngine engine(parts(), {.outbox_events = 2});
  auto generation = engine.submit(request("hello", 50));
  ASSERT_TRUE(generation);
  std::string text;
  while (auto event = (*generation)->next()) {
    if (auto* more = std::get_if<generation::TextEvent>(&*event)) text += more->text;
  }
  EXPECT_EQ(text.size(), 50U);
}

TEST(LocalEngine, IsIdleBeforeAnythingIsAsked) {
  LocalEngine engine(parts(), {});
  EXPECT_TRUE(engine.wait_idle());
}

TEST(LocalEngine, StopsWaitingForIdlenessWhenAskedTo) {
  auto gate = std::make_shared<Gate>();
  LocalEngine engine(parts(gate), {});
  auto generation = engine.submit(request("hello", 5));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(engine.wait_idle(stop.get_token()));
  gate->open();
}

TEST(LocalEngine, LetsAGenerationOutliveIt) {
  auto engine = std::make_unique<LocalEngine>(parts(), EngineOptions{});
  auto generation = engine->submit(request("hello", 5));
  EXPECT_TRUE(engine->wait_idle());
  engine.reset();
  std::size_t events = 0;
  while ((*generation)->next()) ++events;
  EXPECT_GT(events, 0U);
}

TEST(LocalEngine, ServesClientsOfManyThreads) {
  LocalEngine engine(parts(), {});
  std::vector<std::jthread> clients;
  std::atomic<int> finished = 0;
  for (int client = 0; client < 8; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < 20; ++i) {
        auto generation = engine.submit(request("client " + std::to_string(client), 10));
        if (!generation) continue;
        if (i % 5 == 4) continue;  // destroyed at once: cancelled
        while (auto event = (*generation)->next()) {
          if (std::holds_alternative<generation::FinishedEvent>(*event)) ++finished;
        }
      }
    });
  }
  clients.clear();
  EXPECT_EQ(finished, 8 * 16);
  EXPECT_TRUE(engine.wait_idle());
  EXPECT_EQ(engine.load().kv_cells_used, 0U);
}

}  // namespace
}  // namespace shimmy::support
