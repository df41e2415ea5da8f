// The KV cache grows with what is asked of it, and what happens where it cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scheduler/scheduling_fixture.h"

namespace shimmy::scheduler {
namespace {

using base::ErrorCode;
using generation::FinishReason;
using testing::ElementsAre;

class ElasticCache : public Scheduling {};

const std::string kLong(150, 'x');  // with its begin token, 151 tokens

TEST_F(ElasticCache, StaysSmallForWhatFits) {
  make_elastic(4, 100, 1000, 1000);
  Reader& reader = submit(request("short", 20));
  run();
  EXPECT_EQ(reader.text, expected("short", 20));
  EXPECT_TRUE(decoder->growths.empty());
  EXPECT_EQ(scheduler->load().kv_cells, 100U);
}

TEST_F(ElasticCache, GrowsForAPromptBeforeItIsComputed) {
  make_elastic(4, 100, 1000, 1000);
  Reader& reader = submit(request(kLong, 5));
  scheduler->step();
  EXPECT_EQ(scheduler->load().kv_cells, 151U);
  run();
  EXPECT_EQ(reader.text, expected(kLong, 5));
}

TEST_F(ElasticCache, GrowsUnderARunningGeneration) {
  make_elastic(4, 20, 1000, 1000);
  Reader& reader = submit(request("a", 100));
  run();
  EXPECT_EQ(reader.text, expected("a", 100));
  EXPECT_GE(scheduler->load().kv_cells, 100U);
  EXPECT_EQ(decoder->saves, 0U);
}

TEST_F(ElasticCache, GrowsOnceForAllThatWait) {
  make_elastic(4, 100, 1000, 1000);
  std::vector<Reader*> all;
  for (int i = 0; i < 4; ++i) all.push_back(&submit(request(kLong, 1)));
  run();
  EXPECT_THAT(decoder->growths, ElementsAre(4 * 151));
  for (Reader* reader : all) EXPECT_TRUE(reader->finished);
}

TEST_F(ElasticCache, CountsOnlyThoseThatCanBeLetIn) {
  make_elastic(2, 100, 1000, 1000);
  for (int i = 0; i < 4; ++i) submit(request(kLong, 1));
  run();
  EXPECT_EQ(decoder->growths.front(), 2 * 151U);
}

TEST_F(ElasticCache, GrowsForTheFirstWhenAllIsTooMuch) {
  make_elastic(4, 100, 1000, 200);
  std::vector<Reader*> all;
  for (int i = 0; i < 3; ++i) all.push_back(&submit(request(kLong, 3)));
  run();
  EXPECT_THAT(decoder->growths, testing::Contains(151));
  for (Reader* reader : all) EXPECT_EQ(reader->text, expected(kLong, 3));
}

TEST_F(ElasticCache, NeverGrowsBeyondItsLimit) {
  make_elastic(4, 100, 400, 400);
  std::vector<Reader*> all;
  for (int i = 0; i < 4; ++i) all.push_back(&submit(request(kLong, 3)));
  run();
  for (Reader* reader : all) EXPECT_EQ(reader->text, expected(kLong, 3));
  EXPECT_EQ(scheduler->load().kv_cells, 400U);
}

TEST_F(ElasticCache, GrowsRatherThanSwapsOut) {
  make_elastic(2, 60, 1000, 1000);
  Reader& one = submit(request("one", 60));
  Reader& two = submit(request("two", 60));
  run();
  EXPECT_EQ(one.text, expected("one", 60));
  EXPECT_EQ(two.text, expected("two", 60));
  EXPECT_EQ(decoder->saves, 0U);
}

TEST_F(ElasticCache, SwapsOutWhereMemoryRefuses) {
  make_elastic(2, 60, 1000, 100);
  Reader& one = submit(request("one", 80));
  Reader& two = submit(request("two", 80));
  run();
  EXPECT_EQ(one.text, expected("one", 80));
  EXPECT_EQ(two.text, expected("two", 80));
  EXPECT_GT(decoder->saves, 0U);
}

TEST_F(ElasticCache, DoesNotAskAgainSoonAfterARefusal) {
  make_elastic(2, 60, 1000, 60);
  submit(request("one", 50));
  submit(request("two", 50));
  run();
  EXPECT_EQ(decoder->growths.size(), 1U);  // the clock stands still
}

TEST_F(ElasticCache, AsksAgainLater) {
  make_elastic(2, 60, 1000, 60);
  submit(request("one", 50));
  submit(request("two", 50));
  while (decoder->growths.empty()) ASSERT_TRUE(scheduler->step());
  decoder->affordable_cells = 1000;
  clock.advance(std::chrono::seconds(2));
  run();
  EXPECT_EQ(decoder->growths.size(), 2U);
  EXPECT_GT(scheduler->load().kv_cells, 60U);
}

TEST_F(ElasticCache, WaitsForOthersBeforeItFails) {
  make_elastic(2, 100, 1000, 155);
  Reader& small = submit(request("small", 40));
  Reader& large = submit(request(kLong, 3));
  scheduler->step();
  EXPECT_EQ(scheduler->load().queued, 1U);
  run();
  EXPECT_EQ(small.text, expected("small", 40));
  EXPECT_EQ(large.text, expected(kLong, 3));
}

TEST_F(ElasticCache, RefusesAPromptThatMemoryCannotHoldAndNamesTheNumbers) {
  make_elastic(2, 100, 1000, 120);
  Reader& reader = submit(request(kLong, 3));
  run();
  ASSERT_TRUE(reader.error);
  EXPECT_EQ(reader.error->code, ErrorCode::ContextOverflow);
  for (const char* number : {"151", "100", "1000"}) {
    EXPECT_THAT(reader.error->message, testing::HasSubstr(number));
  }
}

TEST_F(ElasticCache, ServesTheNextAfterARefusal) {
  make_elastic(2, 100, 1000, 120);
  Reader& large = submit(request(kLong, 3));
  Reader& small = submit(request("small", 3));
  run();
  EXPECT_TRUE(large.error);
  EXPECT_EQ(small.text, expected("small", 3));
}

TEST_F(ElasticCache, EndsAGenerationAtItsLengthWhereMemoryEnds) {
  make_elastic(2, 50, 1000, 50);
  Reader& reader = submit(request("a", 100));
  run();
  ASSERT_TRUE(reader.finished);
  EXPECT_EQ(reader.finished->reason, FinishReason::Length);
  EXPECT_EQ(reader.text, expected("a", 49));  // "a" has two tokens, the last needs no cell
  EXPECT_TRUE(scheduler->is_idle());
  EXPECT_EQ(decoder->cells_used(), 0U);
}

TEST_F(ElasticCache, GrowsForTheOneThatRunsThoughTheNextWasRefused) {
  make_elastic(2, 60, 1000, 100);
  Reader& running = submit(request("one", 80));
  Reader& waiting = submit(request(kLong, 1));
  run();
  EXPECT_EQ(running.text, expected("one", 80));
  EXPECT_TRUE(waiting.error);
}

TEST_F(ElasticCache, ShrinksWhenNothingRuns) {
  make_elastic(2, 100, 1000, 1000);
  submit(request(kLong, 3));
  run();
  EXPECT_GT(scheduler->load().kv_cells, 100U);
  EXPECT_TRUE(scheduler->shrink());
  EXPECT_EQ(scheduler->load().kv_cells, 100U);
  EXPECT_FALSE(scheduler->shrink()) << "there is nothing left to give back";
  Reader& again = submit(request(kLong, 3));
  run();
  EXPECT_EQ(again.text, expected(kLong, 3));
}

TEST_F(ElasticCache, DoesNotShrinkUnderARequest) {
  make_elastic(2, 100, 1000, 1000);
  submit(request(kLong, 3));
  scheduler->step();
  EXPECT_FALSE(scheduler->shrink());
}

TEST_F(ElasticCache, ReportsItsMemory) {
  make_elastic(2, 100, 1000, 1000);
  EXPECT_EQ(scheduler->load().memory.kv_cache, 100U);
  submit(request(kLong, 3));
  run();
  EXPECT_GE(scheduler->load().memory.kv_cache, 151U);
  EXPECT_EQ(scheduler->load().memory.weights, 1000U);
}

}  // namespace
}  // namespace shimmy::scheduler
