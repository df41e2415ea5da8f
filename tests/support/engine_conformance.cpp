#include "support/engine_conformance.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <variant>

namespace shimmy::support {
namespace {

TEST_P(EngineConformance, EndsWithExactlyOneFinalEvent) {
  auto generation = engine->submit(request("Once upon a time", 20));
  ASSERT_TRUE(generation);
  const auto events = all(**generation);
  ASSERT_FALSE(events.empty());
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(generation::is_final(events[i]), i + 1 == events.size());
  }
  EXPECT_FALSE((*generation)->next()) << "and nothing after it";
  EXPECT_FALSE((*generation)->poll());
}

TEST_P(EngineConformance, CountsTokensExactly) {
  const auto asked = request("Once upon a time", 20);
  auto generation = engine->submit(asked);
  ASSERT_TRUE(generation);
  const auto events = all(**generation);
  const auto& end = std::get<generation::FinishedEvent>(events.back());
  EXPECT_EQ(end.reason, generation::FinishReason::Length);
  EXPECT_EQ(end.usage.prompt_tokens, asked.prompt.size());
  EXPECT_EQ(end.usage.completion_tokens, 20U);
  std::size_t tokens = 0;
  for (const auto& event : events) {
    if (const auto* text = std::get_if<generation::TextEvent>(&event))
      tokens += text->tokens.size();
  }
  EXPECT_EQ(tokens, 20U);
}

TEST_P(EngineConformance, RefusesAnInvalidRequestAtOnce) {
  auto asked = request("hello", 5);
  asked.sampling.top_p = 7;
  const auto generation = engine->submit(asked);
  ASSERT_FALSE(generation);
  EXPECT_EQ(generation.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_EQ(generation.error().param, "top_p");
}

TEST_P(EngineConformance, RefusesATokenThatTheModelDoesNotHave) {
  auto asked = request("hello", 5);
  asked.prompt.push_back(static_cast<generation::Token>(engine->tokenizer().size()));
  const auto generation = engine->submit(asked);
  ASSERT_FALSE(generation);
  EXPECT_EQ(generation.error().code, base::ErrorCode::InvalidRequest);
}

TEST_P(EngineConformance, RefusesAPromptThatCanNeverFitWithTheNumbers) {
  const std::size_t context = engine->facts().context_tokens;
  auto asked = request("x", 5);
  asked.prompt.resize(context + 17, asked.prompt.back());
  const auto generation = engine->submit(asked);
  ASSERT_FALSE(generation);
  EXPECT_EQ(generation.error().code, base::ErrorCode::ContextOverflow);
  EXPECT_NE(generation.error().message.find(std::to_string(context)), std::string::npos);
  EXPECT_NE(generation.error().message.find(std::to_string(context + 17)), std::string::npos);
}

TEST_P(EngineConformance, ServesManyAtOnce) {
  std::vector<std::unique_ptr<generation::Generation>> generations;
  for (int i = 0; i < 12; ++i) {
    auto generation = engine->submit(request("Number " + std::to_string(i), 15));
    ASSERT_TRUE(generation);
    generations.push_back(std::move(*generation));
  }
  for (auto& generation : generations) {
    EXPECT_TRUE(std::holds_alternative<generation::FinishedEvent>(all(*generation).back()));
  }
}

TEST_P(EngineConformance, FreesEverythingWhenAGenerationIsDestroyed) {
  auto generation = engine->submit(request("Once upon a time", 150));
  ASSERT_TRUE(generation);
  ASSERT_TRUE((*generation)->next());
  generation->reset();
  EXPECT_TRUE(engine->wait_idle());
  EXPECT_EQ(engine->load().running, 0U);
  EXPECT_EQ(engine->load().kv_cells_used, 0U);
}

TEST_P(EngineConformance, GivesUpWaitingWhenAskedTo) {
  auto generation = engine->submit(request("Once upon a time", 150));
  ASSERT_TRUE(generation);
  std::stop_source stop;
  stop.request_stop();
  while ((*generation)->next(stop.get_token())) {
  }  // ends at the latest when the queue is empty for a moment
  generation->reset();
  EXPECT_TRUE(engine->wait_idle());
}

TEST_P(EngineConformance, FailsAtADeadlineThatHasPassed) {
  auto asked = request("Once upon a time", 150);
  asked.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  auto generation = engine->submit(asked);
  ASSERT_TRUE(generation);
  const auto events = all(**generation);
  const auto* error = std::get_if<base::Error>(&events.back());
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code, base::ErrorCode::DeadlineExceeded);
}

TEST_P(EngineConformance, RefusesNewRequestsWhileDrainingAndFinishesTheOld) {
  auto old = engine->submit(request("Once upon a time", 30));
  ASSERT_TRUE(old);
  engine->drain();
  const auto refused = engine->submit(request("Too late", 5));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::Unavailable);
  EXPECT_TRUE(std::holds_alternative<generation::FinishedEvent>(all(**old).back()));
  EXPECT_TRUE(engine->wait_idle());
}

TEST_P(EngineConformance, EndsWhatRunsWhenItIsStopped) {
  auto running = engine->submit(request("Once upon a time", 190));
  auto waiting = engine->submit(request("Once upon a time", 190));
  ASSERT_TRUE(running && waiting);
  engine->stop();
  for (generation::Generation* generation : {running->get(), waiting->get()}) {
    const auto events = all(*generation);
    ASSERT_FALSE(events.empty());
    const auto* error = std::get_if<base::Error>(&events.back());
    const bool is_stopped = error != nullptr && error->code == base::ErrorCode::Unavailable;
    EXPECT_TRUE(is_stopped || std::holds_alternative<generation::FinishedEvent>(events.back()));
  }
  EXPECT_TRUE(engine->wait_idle());
  EXPECT_EQ(engine->submit(request("Too late", 5)).error().code, base::ErrorCode::Unavailable);
}

TEST_P(EngineConformance, EndsWhatRunsWhenItDies) {
  std::vector<std::unique_ptr<generation::Generation>> generations;
  for (int i = 0; i < 4; ++i) {
    auto generation = engine->submit(request("Once upon a time", 190));
    ASSERT_TRUE(generation);
    generations.push_back(std::move(*generation));
  }
  ASSERT_TRUE(generations[0]->next());
  engine.reset();
  for (auto& generation : generations) {
    const auto events = all(*generation);
    ASSERT_FALSE(events.empty());
    EXPECT_TRUE(generation::is_final(events.back()));
  }
}

TEST_P(EngineConformance, WakesAReaderWhoPolls) {
  auto generation = engine->submit(request("Once upon a time", 20));
  ASSERT_TRUE(generation);
  std::mutex mutex;
  std::condition_variable woken;
  bool awake = false;
  (*generation)->on_event([&] {
    const std::lock_guard lock(mutex);
    awake = true;
    woken.notify_one();
  });
  for (bool ended = false; !ended;) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(woken.wait_for(lock, std::chrono::seconds(30), [&] { return awake; }));
    awake = false;
    lock.unlock();
    while (auto event = (*generation)->poll()) ended = generation::is_final(*event);
  }
}

TEST_P(EngineConformance, GivesTheSameTokensForTheSameSeedWhenAlone) {
  const auto run = [&] {
    auto asked = request("Once upon a time", 25);
    asked.sampling.temperature = 1.0F;
    asked.sampling.seed = 1234;
    auto generation = engine->submit(asked);
    std::string text;
    for (const auto& event : all(**generation)) {
      if (const auto* more = std::get_if<generation::TextEvent>(&event)) text += more->text;
    }
    return text;
  };
  const std::string first = run();
  EXPECT_EQ(first, run());
}

}  // namespace
}  // namespace shimmy::support
