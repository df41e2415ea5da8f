#include "scheduler/batch_scheduler.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/byte_tokenizer.h"
#include "support/fake_clock.h"
#include "support/fake_decoder.h"

namespace shimmy::scheduler {
namespace {

using base::ErrorCode;
using generation::Event;
using generation::FinishedEvent;
using generation::FinishReason;
using generation::Request;
using generation::TextEvent;
using support::ByteTokenizer;
using support::FakeClock;
using support::FakeDecoder;
using support::scrambled_next;

// What a reader has got so far.
struct Reader {
  std::shared_ptr<Outbox> outbox;
  std::string text;
  std::optional<FinishedEvent> finished;
  std::optional<base::Error> error;

  bool ended() const { return finished || error; }
  void read() {
    while (auto event = outbox->poll()) {
      if (auto* more = std::get_if<TextEvent>(&*event)) text += more->text;
      if (auto* end = std::get_if<FinishedEvent>(&*event)) finished = *end;
      if (auto* failure = std::get_if<base::Error>(&*event)) error = *failure;
    }
  }
};

class Scheduling : public testing::Test {
 protected:
  void make(std::size_t max_sequences, std::size_t cells, std::size_t max_rows = 512,
            FakeDecoder::NextToken next = scrambled_next) {
    decoder = std::make_unique<FakeDecoder>(
        Decoder::Limits{max_sequences, cells, max_rows, tokenizer.size()}, std::move(next));
    scheduler = std::make_unique<BatchScheduler>(*decoder, tokenizer, clock, 80, base::Logger());
  }

  Request request(const std::string& prompt, int max_tokens) {
    Request request;
    request.prompt = tokenizer.encode(prompt, true, generation::SpecialText::Plain);
    request.max_tokens = max_tokens;
    return request;
  }

  Reader& submit(Request request, std::size_t outbox_events = 10000) {
    auto outbox = std::make_shared<Outbox>(outbox_events, [] {});
    auto sampler = std::make_unique<GreedySampler>(LogitEdits(request, tokenizer));
    scheduler->add({std::move(request), std::move(sampler), outbox, clock.now()});
    readers.push_back(std::make_unique<Reader>(Reader{outbox, {}, {}, {}}));
    return *readers.back();
  }

  // Steps until nothing is left to do; the readers keep up.
  void run() {
    for (int steps = 0; scheduler->step(); ++steps) {
      ASSERT_LT(steps, 100000) << "no end in sight";
      for (auto& reader : readers) reader->read();
    }
    for (auto& reader : readers) reader->read();
  }

  // What the fake model makes of a prompt when nobody else is there.
  std::string expected(const std::string& prompt, int tokens) {
    auto history = tokenizer.encode(prompt, true, generation::SpecialText::Plain);
    std::string text;
    for (int i = 0; i < tokens; ++i) {
      history.push_back(scrambled_next(history));
      text += static_cast<char>(history.back());
    }
    return text;
  }

  ByteTokenizer tokenizer;
  FakeClock clock;
  std::unique_ptr<FakeDecoder> decoder;
  std::unique_ptr<BatchScheduler> scheduler;
  std::vector<std::unique_ptr<Reader>> readers;
};

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

TEST_F(Scheduling, SwapsOutTheYoungestWhenTheCacheIsFull) {
  make(4, 200);
  for (int i = 0; i < 3; ++i) submit(request("prompt " + std::to_string(i), 120));
  run();
  for (int i = 0; i < 3; ++i) {
    const Reader& reader = *readers[static_cast<std::size_t>(i)];
    EXPECT_EQ(reader.text, expected("prompt " + std::to_string(i), 120)) << i;
    EXPECT_TRUE(reader.finished) << i;
  }
  EXPECT_GT(decoder->saves, 0U);
  EXPECT_EQ(decoder->saves, decoder->restores);
}

TEST_F(Scheduling, ComputesAgainWhatCouldNotBeSaved) {
  make(4, 200);
  decoder->can_save = false;
  for (int i = 0; i < 3; ++i) submit(request("prompt " + std::to_string(i), 120));
  run();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(readers[static_cast<std::size_t>(i)]->text,
              expected("prompt " + std::to_string(i), 120));
  }
  EXPECT_EQ(decoder->restores, 0U);
}

TEST_F(Scheduling, ComputesAgainWhatCouldNotBeRestored) {
  make(4, 200);
  decoder->can_restore = false;
  for (int i = 0; i < 3; ++i) submit(request("prompt " + std::to_string(i), 120));
  run();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(readers[static_cast<std::size_t>(i)]->text,
              expected("prompt " + std::to_string(i), 120));
  }
  EXPECT_GT(decoder->saves, 0U);
}

TEST_F(Scheduling, LetsALargeRequestWaitForRoomAndNotStarve) {
  make(4, 300);
  submit(request(std::string(100, 'a'), 50));
  scheduler->step();
  Reader& large = submit(request(std::string(250, 'b'), 5));
  std::vector<Reader*> small;
  for (int i = 0; i < 10; ++i) small.push_back(&submit(request("s", 20)));
  while (!large.ended()) {
    ASSERT_TRUE(scheduler->step());
    for (auto& reader : readers) reader->read();
  }
  EXPECT_EQ(large.text, expected(std::string(250, 'b'), 5));
  EXPECT_EQ(small.back()->text, "") << "those behind must not overtake";
  run();
}

TEST_F(Scheduling, PausesASlowReaderAlone) {
  make(4, 1000);
  Reader& slow = submit(request("slow", 50), /*outbox_events=*/4);
  Reader& quick = submit(request("quick", 50));
  while (scheduler->step()) quick.read();
  EXPECT_EQ(quick.text, expected("quick", 50));
  EXPECT_FALSE(scheduler->is_idle());
  EXPECT_EQ(decoder->held(0).size(), 5U + 3U)
      << "the slow one has stopped at its four unread tokens";
  slow.read();
  run();
  EXPECT_EQ(slow.text, expected("slow", 50));
}

TEST_F(Scheduling, CancelsARunningRequestWithinAStep) {
  make(4, 1000);
  Reader& gone = submit(request("gone", 500));
  Reader& stays = submit(request("stays", 20));
  scheduler->step();
  gone.outbox->cancel();
  scheduler->step();
  EXPECT_EQ(scheduler->load().running, 1U);
  EXPECT_TRUE(decoder->held(0).empty());
  run();
  EXPECT_EQ(stays.text, expected("stays", 20));
}

TEST_F(Scheduling, CancelsAWaitingRequest) {
  make(1, 1000);
  submit(request("first", 20));
  scheduler->step();
  Reader& waiting = submit(request("waiting", 20));
  waiting.outbox->cancel();
  scheduler->step();
  EXPECT_EQ(scheduler->load().queued, 0U);
}

TEST_F(Scheduling, AbortsALongPrefillThatNobodyWaitsFor) {
  make(4, 10000, 512);
  Reader& gone = submit(request(std::string(3000, 'x'), 5));
  decoder->on_decode = [&](std::span<const Row>) { gone.outbox->cancel(); };
  EXPECT_TRUE(scheduler->step());
  EXPECT_TRUE(decoder->batches.empty()) << "the step was aborted";
  EXPECT_TRUE(scheduler->is_idle());
  EXPECT_EQ(decoder->cells_used(), 0U);
}

TEST_F(Scheduling, DoesNotAbortWhileSomebodyElseIsInTheBatch) {
  make(4, 10000, 512);
  Reader& gone = submit(request(std::string(300, 'x'), 5));
  Reader& stays = submit(request("stays", 5));
  decoder->on_decode = [&](std::span<const Row>) { gone.outbox->cancel(); };
  scheduler->step();
  EXPECT_EQ(decoder->batches.size(), 1U);
  run();
  EXPECT_EQ(stays.text, expected("stays", 5));
}

TEST_F(Scheduling, LosesNothingWhenAStepIsBrokenOff) {
  make(4, 1000);
  Reader& reader = submit(request("hello", 12));
  std::stop_source stop;
  stop.request_stop();
  scheduler->step(stop.get_token());
  EXPECT_TRUE(decoder->held(0).empty()) << "rolled back to before the step";
  run();
  EXPECT_EQ(reader.text, expected("hello", 12));
}

TEST_F(Scheduling, StartsOverWhereMemoryCannotForgetAPart) {
  make(4, 1000);
  decoder->can_truncate = false;
  Reader& reader = submit(request("hello", 12));
  scheduler->step();
  scheduler->step();
  std::stop_source stop;
  stop.request_stop();
  scheduler->step(stop.get_token());
  EXPECT_TRUE(decoder->held(0).empty());
  run();
  EXPECT_EQ(reader.text, expected("hello", 12));
}

TEST_F(Scheduling, FailsAtItsDeadline) {
  make(4, 1000);
  Request asked = request("hello", 500);
  asked.deadline = clock.now() + std::chrono::seconds(2);
  Reader& reader = submit(std::move(asked));
  EXPECT_EQ(scheduler->next_deadline(), clock.now() + std::chrono::seconds(2));
  scheduler->step();
  clock.advance(std::chrono::seconds(3));
  scheduler->step();
  reader.read();
  ASSERT_TRUE(reader.error);
  EXPECT_EQ(reader.error->code, ErrorCode::DeadlineExceeded);
  EXPECT_EQ(reader.text.size(), 1U) << "what was generated before is kept";
  EXPECT_TRUE(scheduler->is_idle());
}

TEST_F(Scheduling, FailsAWaitingRequestAtItsDeadlineToo) {
  make(1, 1000);
  submit(request("first", 500));
  Request asked = request("second", 5);
  asked.deadline = clock.now() + std::chrono::seconds(1);
  Reader& reader = submit(std::move(asked));
  scheduler->step();
  clock.advance(std::chrono::seconds(1));
  scheduler->step();
  reader.read();
  ASSERT_TRUE(reader.error);
  EXPECT_EQ(reader.error->code, ErrorCode::DeadlineExceeded);
}

TEST_F(Scheduling, FailsOnlyTheRequestsOfAFailedStep) {
  make(1, 1000);
  Reader& unlucky = submit(request("unlucky", 10));
  Reader& next = submit(request("next", 10));
  decoder->fail_next({DecodeStatus::Failed});
  run();
  ASSERT_TRUE(unlucky.error);
  EXPECT_EQ(unlucky.error->code, ErrorCode::GenerationFailed);
  EXPECT_EQ(next.text, expected("next", 10));
}

TEST_F(Scheduling, GoesOnAfterTheDecoderThrew) {
  make(1, 1000);
  Reader& unlucky = submit(request("unlucky", 10));
  Reader& next = submit(request("next", 10));
  decoder->on_decode = [&](std::span<const Row>) {
    decoder->on_decode = nullptr;
    throw std::runtime_error("boom");
  };
  run();
  ASSERT_TRUE(unlucky.error);
  EXPECT_EQ(next.text, expected("next", 10));
}

TEST_F(Scheduling, MakesRoomWhenTheCacheIsFullerThanItsCellsTell) {
  make(4, 1000);
  Reader& older = submit(request("older", 20));
  Reader& younger = submit(request("younger", 20));
  scheduler->step();
  decoder->fail_next({DecodeStatus::CacheFull});
  scheduler->step();
  EXPECT_EQ(scheduler->load().swapped, 1U);
  run();
  EXPECT_EQ(older.text, expected("older", 20));
  EXPECT_EQ(younger.text, expected("younger", 20));
}

TEST_F(Scheduling, FailsTheLastOneThatAFullCacheCannotHold) {
  make(4, 1000);
  Reader& reader = submit(request("alone", 20));
  decoder->fail_next({DecodeStatus::CacheFull});
  run();
  ASSERT_TRUE(reader.error);
  EXPECT_EQ(reader.error->code, ErrorCode::GenerationFailed);
  EXPECT_TRUE(scheduler->is_idle());
}

TEST_F(Scheduling, EndsEverythingWhenTold) {
  make(1, 1000);
  Reader& running = submit(request("running", 50));
  Reader& waiting = submit(request("waiting", 50));
  scheduler->step();
  scheduler->fail_all({ErrorCode::Unavailable, "stopped", {}, {}});
  for (Reader* reader : {&running, &waiting}) {
    reader->read();
    ASSERT_TRUE(reader->error);
    EXPECT_EQ(reader->error->code, ErrorCode::Unavailable);
  }
  EXPECT_EQ(decoder->cells_used(), 0U);
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

}  // namespace
}  // namespace shimmy::scheduler
