#include "scheduler/context_forecast.h"

#include <gtest/gtest.h>

namespace shimmy::scheduler {
namespace {

const ContextSample kKnown{
    .cells = 2048,
    .memory = {.weights = 5'000'000, .kv_cache = 2'048'000, .compute = 500'000},
    .mask_bytes = 100};

TEST(ContextForecast, GivesTheKnownContextBack) {
  const auto memory = forecast(kKnown, 2048);
  EXPECT_EQ(memory.weights, kKnown.memory.weights);
  EXPECT_EQ(memory.kv_cache, kKnown.memory.kv_cache);
  EXPECT_EQ(memory.compute, kKnown.memory.compute);
}

TEST(ContextForecast, GrowsCacheAndMasksButNotWeights) {
  const auto memory = forecast(kKnown, 4096);
  EXPECT_EQ(memory.weights, 5'000'000U);
  EXPECT_EQ(memory.kv_cache, 4'096'000U);
  EXPECT_EQ(memory.compute, 704'800U);
}

TEST(ContextForecast, DoesNotCountOnSmallerBuffers) {
  EXPECT_EQ(forecast(kKnown, 256).compute, kKnown.memory.compute);
}

TEST(ContextForecast, TurnsMemoryIntoWholeStepsOfCells) {
  const std::uint64_t bytes = 4'096'000 + 704'800;
  EXPECT_EQ(cells_within(kKnown, bytes), 4096U);
  EXPECT_EQ(cells_within(kKnown, bytes - 1), 4096U - kCellStep);
  EXPECT_EQ(cells_within(kKnown, 0), 0U);
}

TEST(ContextForecast, FitsWhatItForecasts) {
  for (const std::size_t cells : {2048U, 5120U, 131072U}) {
    const auto memory = forecast(kKnown, cells);
    EXPECT_EQ(cells_within(kKnown, memory.kv_cache + memory.compute), cells);
  }
}

TEST(ContextForecast, HasNoBoundWhereCellsTakeNothing) {
  EXPECT_GT(cells_within({256, {.weights = 1, .kv_cache = 0, .compute = 0}, 0}, 1),
            std::size_t{1} << 40U);
}

TEST(ContextForecast, RoundsUpToSteps) {
  EXPECT_EQ(rounded_to_step(0), 0U);
  EXPECT_EQ(rounded_to_step(1), 256U);
  EXPECT_EQ(rounded_to_step(256), 256U);
  EXPECT_EQ(rounded_to_step(257), 512U);
}

}  // namespace
}  // namespace shimmy::scheduler
