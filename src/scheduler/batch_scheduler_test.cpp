#include "scheduler/batch_scheduler.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "scheduler/scheduling_fixture.h"

namespace shimmy::scheduler {
namespace {

using generation::FinishReason;

TEST_F(Scheduling, DoesNothingWithoutRequests) {
  make(4, 1000);
  EXPECT_FALSE(scheduler->step());
  EXPECT_TRUE(scheduler->is_idle());
}

TEST_F(Scheduling, AnswersOneRequest) {
  make(4, 1000);
  Reader& reader = submit(request("hello", 12));
  run();
  EXPECT_EQ(reader.text, expected("hello", 12));
  ASSERT_TRUE(reader.finished);
  EXPECT_EQ(reader.finished->reason, FinishReason::Length);
  EXPECT_EQ(reader.finished->usage.prompt_tokens, 6U);
  EXPECT_EQ(reader.finished->usage.completion_tokens, 12U);
  EXPECT_TRUE(scheduler->is_idle());
  EXPECT_EQ(decoder->cells_used(), 0U);
}

TEST_F(Scheduling, GivesEveryoneTheirOwnTextInSharedBatches) {
  make(16, 10000);
  for (int i = 0; i < 16; ++i) submit(request("prompt " + std::to_string(i), 30 + i));
  run();
  for (int i = 0; i < 16; ++i) {
    const auto index = static_cast<std::size_t>(i);
    EXPECT_EQ(readers[index]->text, expected("prompt " + std::to_string(i), 30 + i));
  }
  EXPECT_LT(decoder->batches.size(), 60U)
      << "sixteen requests must not take sixteen times the steps";
}

TEST_F(Scheduling, AsksForLogitsOnlyWhereATokenIsChosen) {
  make(4, 1000);
  submit(request("hello", 1));
  run();
  ASSERT_EQ(decoder->batches.size(), 1U);
  for (const Row& row : decoder->batches[0]) EXPECT_EQ(row.wants_logits, row.position == 5);
}

TEST_F(Scheduling, SplitsALongPromptIntoSteps) {
  make(4, 2000, 100);
  Reader& reader = submit(request(std::string(949, 'x'), 3));
  run();
  EXPECT_EQ(reader.text, expected(std::string(949, 'x'), 3));
  EXPECT_EQ(decoder->batches.size(),
            12U);  // ten for 950 prompt tokens, the last of which chooses one, and two more
}

TEST_F(Scheduling, KeepsStreamingBesideALongPrompt) {
  make(4, 10000, 128);
  Reader& stream = submit(request("hi", 200));
  scheduler->step();
  submit(request(std::string(2000, 'x'), 1));
  for (int i = 0; i < 20; ++i) {
    const std::size_t before = decoder->batches.size();
    stream.read();
    const std::size_t length = stream.text.size();
    scheduler->step();
    stream.read();
    ASSERT_EQ(decoder->batches.size(), before + 1);
    EXPECT_EQ(stream.text.size(), length + 1) << "every step must advance the stream";
  }
}

TEST_F(Scheduling, StopsAtAnEndToken) {
  make(4, 1000, 512, [](const FakeDecoder::Tokens& history) {
    return history.size() < 10 ? Token{'a'} : ByteTokenizer::kEnd;
  });
  Reader& reader = submit(request("hello", 100));
  run();
  EXPECT_EQ(reader.text, "aaaa");
  ASSERT_TRUE(reader.finished);
  EXPECT_EQ(reader.finished->reason, FinishReason::Stop);
  EXPECT_EQ(reader.finished->stop, "");
  EXPECT_EQ(reader.finished->usage.completion_tokens, 5U);
}

TEST_F(Scheduling, StopsAtAStopStringThatIsNotShown) {
  const std::string text = "one two three";
  make(4, 1000, 512, [&](const FakeDecoder::Tokens& history) {
    return static_cast<Token>(text[(history.size() - 2) % text.size()]);
  });
  Request asked = request("x", 100);
  asked.stop = {"two", "zzz"};
  Reader& reader = submit(std::move(asked));
  run();
  EXPECT_EQ(reader.text, "one ");
  ASSERT_TRUE(reader.finished);
  EXPECT_EQ(reader.finished->reason, FinishReason::Stop);
  EXPECT_EQ(reader.finished->stop, "two");
}

TEST_F(Scheduling, ShowsOnlyTheSpecialTokensThatWereAskedFor) {
  // 'a', then both special tokens, then the end.
  const auto next = [](const FakeDecoder::Tokens& history) -> Token {
    switch (history.back()) {
      case 'a': return ByteTokenizer::kTurnStart;
      case ByteTokenizer::kTurnStart: return ByteTokenizer::kBegin;
      case ByteTokenizer::kBegin: return 'b';
      case 'b': return ByteTokenizer::kEnd;
      default: return 'a';
    }
  };
  make(2, 1000, 512, next);
  Reader& hidden = submit(request("x", 10));
  Request asked = request("x", 10);
  asked.visible_specials = {ByteTokenizer::kTurnStart};
  asked.stop = {"never"};
  Reader& shown = submit(std::move(asked));
  run();
  EXPECT_EQ(hidden.text, "ab");
  EXPECT_EQ(shown.text, "a<|im_start|>b");
}

TEST_F(Scheduling, StopsAtTheNameOfAVisibleSpecialToken) {
  make(2, 1000, 512, [](const FakeDecoder::Tokens& history) -> Token {
    return history.back() == 'a' ? ByteTokenizer::kTurnStart : 'a';
  });
  Request asked = request("x", 10);
  asked.visible_specials = {ByteTokenizer::kTurnStart};
  asked.stop = {"<|im_start|>"};
  Reader& reader = submit(std::move(asked));
  run();
  EXPECT_EQ(reader.text, "a");
  ASSERT_TRUE(reader.finished);
  EXPECT_EQ(reader.finished->stop, "<|im_start|>");
}

TEST_F(Scheduling, EndsWithTheContext) {
  make(4, 50);
  Reader& reader = submit(request(std::string(39, 'x'), -1));
  run();
  EXPECT_EQ(reader.text.size(), 10U);
  ASSERT_TRUE(reader.finished);
  EXPECT_EQ(reader.finished->reason, FinishReason::Length);
}

TEST_F(Scheduling, LetsMoreRequestsWaitThanItHasSequences) {
  make(2, 1000);
  for (int i = 0; i < 7; ++i) submit(request("p" + std::to_string(i), 10));
  scheduler->step();
  EXPECT_EQ(scheduler->load().running, 2U);
  EXPECT_EQ(scheduler->load().queued, 5U);
  run();
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(readers[static_cast<std::size_t>(i)]->text, expected("p" + std::to_string(i), 10));
  }
}

TEST_F(Scheduling, AdmitsHigherPrioritiesFirst) {
  make(1, 1000);
  submit(request("running", 5));
  scheduler->step();
  Reader& low = submit(request("low", 5));
  Request urgent = request("urgent", 5);
  urgent.priority = 1;
  Reader& high = submit(std::move(urgent));
  while (!high.ended()) {
    ASSERT_TRUE(scheduler->step());
    high.read();
    low.read();
  }
  EXPECT_EQ(low.text, "");
  run();
  EXPECT_EQ(low.text, expected("low", 5));
}

TEST_F(Scheduling, ReportsLogprobsWhenAsked) {
  make(1, 1000);
  Request asked = request("hello", 3);
  asked.logprobs = 2;
  const auto outbox = submit(std::move(asked)).outbox;
  while (scheduler->step()) {
  }
  const auto event = outbox->poll();
  ASSERT_TRUE(event);
  const auto& tokens = std::get<TextEvent>(*event).tokens;
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_LT(tokens[0].logprob, 0);
  ASSERT_EQ(tokens[0].likeliest.size(), 2U);
  EXPECT_EQ(tokens[0].likeliest[0].token, tokens[0].token);
}

TEST_F(Scheduling, EndsAtTheUsersStopTokensWithoutTheirText) {
  make(/*max_sequences=*/1, /*cells=*/1000);
  const std::string whole = expected("hello", 10);
  Request stopped = request("hello", 10);
  stopped.stop_tokens = {static_cast<unsigned char>(whole[4])};
  const Reader& reader = submit(std::move(stopped));
  run();
  ASSERT_TRUE(reader.finished);
  EXPECT_EQ(reader.finished->reason, FinishReason::Stop);
  EXPECT_EQ(reader.text, whole.substr(0, whole.find(whole[4])));
}

TEST_F(Scheduling, TellsTheTimesApart) {
  make(1, 1000);
  decoder->on_decode = [&](std::span<const Row>) { clock.advance(std::chrono::milliseconds(10)); };
  Reader& first = submit(request("first", 5));
  Reader& second = submit(request("second", 5));
  run();
  EXPECT_DOUBLE_EQ(first.finished->timings.prefill_ms, 10);
  EXPECT_DOUBLE_EQ(first.finished->timings.decode_ms, 40);
  EXPECT_DOUBLE_EQ(second.finished->timings.queue_ms, 50);
  EXPECT_DOUBLE_EQ(second.finished->timings.ttft_ms, 60);
}

TEST_F(Scheduling, CountsItsWork) {
  make(4, 1000);
  submit(request("hello", 12));
  run();
  const auto load = scheduler->load();
  EXPECT_EQ(load.steps, 12U);
  EXPECT_EQ(load.generated_tokens, 12U);
  EXPECT_EQ(load.prefilled_tokens, 6U);
  EXPECT_EQ(load.kv_cells, 1000U);
  EXPECT_EQ(load.kv_cells_used, 0U);
}

TEST_F(Scheduling, ScoresThePromptTokenByToken) {
  make(/*max_sequences=*/4, /*cells=*/1000);
  Request scored = request("hello, how are you", 3);
  scored.prompt_logprobs = 1;
  const std::vector<generation::Token> prompt = scored.prompt;
  auto outbox = submit(std::move(scored)).outbox;
  submit(request("a neighbour that decodes", 30));
  while (scheduler->step()) readers[1]->read();
  const auto first = outbox->poll();
  ASSERT_TRUE(first && std::holds_alternative<generation::PromptEvent>(*first));
  const auto& tokens = std::get<generation::PromptEvent>(*first).tokens;
  ASSERT_EQ(tokens.size(), prompt.size());
  EXPECT_TRUE(tokens[0].likeliest.empty());
  std::vector<generation::Token> history{prompt[0]};
  for (std::size_t i = 1; i < prompt.size(); ++i) {
    EXPECT_EQ(tokens[i].token, prompt[i]);
    ASSERT_EQ(tokens[i].likeliest.size(), 1U);
    EXPECT_EQ(tokens[i].likeliest[0].token, scrambled_next(history)) << i;
    history.push_back(prompt[i]);
  }
  std::string text;
  while (auto event = outbox->poll()) {
    if (auto* more = std::get_if<TextEvent>(&*event)) text += more->text;
  }
  EXPECT_EQ(text, expected("hello, how are you", 3));
}

TEST_F(Scheduling, ScoresWithoutGenerating) {
  make(/*max_sequences=*/2, /*cells=*/1000);
  decoder->on_decode = [&](std::span<const Row>) { clock.advance(std::chrono::milliseconds(10)); };
  for (const char* prompt : {"hello", ""}) {
    Request scored = request(prompt, 0);
    scored.prompt_logprobs = 0;
    const std::size_t size = scored.prompt.size();
    Reader& reader = submit(std::move(scored));
    while (scheduler->step()) {
    }
    const auto event = reader.outbox->poll();
    ASSERT_TRUE(event && std::holds_alternative<generation::PromptEvent>(*event));
    EXPECT_EQ(std::get<generation::PromptEvent>(*event).tokens.size(), size);
    reader.read();
    ASSERT_TRUE(reader.finished);
    EXPECT_EQ(reader.finished->reason, generation::FinishReason::Length);
    EXPECT_EQ(reader.finished->usage.completion_tokens, 0U);
    EXPECT_GE(reader.finished->timings.prefill_ms, 10) << "all of it is prefill";
    EXPECT_DOUBLE_EQ(reader.finished->timings.decode_ms, 0);
    EXPECT_EQ(reader.text, "");
  }
}

TEST_F(Scheduling, LetsClientsTakeTurnsHoweverManyRequestsEachHas) {
  make(/*max_sequences=*/1, /*cells=*/1000);
  const auto of = [&](const std::string& client) -> Reader& {
    Request one = request("x", 2);
    one.client = client;
    return submit(std::move(one));
  };
  for (int i = 0; i < 3; ++i) of("greedy");
  Reader& modest = of("modest");
  Reader& late = of("greedy");
  while (!modest.ended()) {
    ASSERT_TRUE(scheduler->step());
    for (auto& reader : readers) reader->read();
  }
  EXPECT_TRUE(readers[0]->ended());
  EXPECT_FALSE(readers[1]->ended());
  EXPECT_FALSE(late.ended());
  run();
  EXPECT_TRUE(late.ended());
}

}  // namespace
}  // namespace shimmy::scheduler
