#include "scheduler/batch_scheduler.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "scheduler/scheduling_fixture.h"

namespace shimmy::scheduler {
namespace {

using base::ErrorCode;

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

}  // namespace
}  // namespace shimmy::scheduler
