#include "scheduler/context_forecast.h"

#include <gtest/gtest.h>

namespace shimmy::scheduler {
namespace {

const ContextSample kKnown{2048, {.weights = 5'000'000, .kv_cache = 2'048'000, .compute = 204'800}};

TEST(ContextForecast, GivesTheKnownContextBack) {
  const auto memory = forecast(kKnown, 2048);
  EXPECT_EQ(memory.weights, kKnown.memory.weights);
  EXPECT_EQ(memory.kv_cache, kKnown.memory.kv_cache);
  EXPECT_EQ(memory.compute, kKnown.memory.compute);
}

TEST(ContextForecast, GrowsCacheAndBuffersButNotWeights) {
  const auto memory = forecast(kKnown, 8192);
  EXPECT_EQ(memory.weights, 5'000'000U);
  EXPECT_EQ(memory.kv_cache, 8'192'000U);
  EXPECT_EQ(memory.compute, 819'200U);
}

TEST(ContextForecast, TurnsMemoryIntoWholeStepsOfCells) {
  EXPECT_EQ(cells_within(kKnown, 1100 * 4096), 4096U);
  EXPECT_EQ(cells_within(kKnown, 1100 * 4096 - 1), 4096U - kCellStep);
  EXPECT_EQ(cells_within(kKnown, 0), 0U);
}

TEST(ContextForecast, FitsWhatItForecasts) {
  for (const std::size_t cells : {256U, 2048U, 5120U, 131072U}) {
    const auto memory = forecast(kKnown, cells);
    EXPECT_EQ(cells_within(kKnown, memory.kv_cache + memory.compute), cells);
  }
}

TEST(ContextForecast, HasNoBoundWhereCellsTakeNothing) {
  EXPECT_GT(cells_within({256, {.weights = 1, .kv_cache = 0, .compute = 0}}, 1),
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
