#include "app/memory_settings.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::app {
namespace {

TEST(MemorySettings, ABudgetInBytesIsTaken) {
  EXPECT_EQ(budget_bytes({.memory_budget_bytes = 12345}), 12345U);
  EXPECT_GT(budget_bytes({}), 0U);
}

TEST(MemorySettings, AForecastIsForTheContextAndTheRequestsThatAreSet) {
  const support::TempDir directory;
  const models::ModelEntry entry{.path = support::write_tiny_model(directory.path())};
  ServeOptions options;
  const auto usual = memory_forecaster(options)(entry, {}).value();
  EXPECT_EQ(usual.context_limit, 2048U);
  options.engine.context_tokens = 512;
  options.engine.parallel = 1;
  const auto small = memory_forecaster(options)(entry, {}).value();
  EXPECT_EQ(small.context_limit, 512U);
  EXPECT_LT(small.first.total(), usual.first.total());
  EXPECT_EQ(memory_forecaster(options)(entry, {.context_tokens = 1024})->context_limit, 1024U);
}

}  // namespace
}  // namespace shimmy::app
