#include "app/memory_settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "app/engine_factory.h"
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

// The tiny vocabulary is no multiple of 16: our kernels fill its matrices up.
TEST(MemorySettings, TheForecastHasEveryByteThatOurKernelsTake) {
  const support::TempDir directory;
  const models::ModelEntry entry{
      .name = "tiny",
      .path = support::write_tiny_model(directory.path(), {.weights = support::TinyWeights::Q80})};
  ServeOptions options;
  options.engine.threads = 1;
  const auto backend = std::make_shared<LazyBackend>(base::Logger());
  const std::uint64_t before = kernels::usage().weight_bytes;
  const auto engine = engine_factory(backend, options.engine, base::Logger())({.entry = entry});
  ASSERT_TRUE(engine) << engine.error().message;
  const std::uint64_t taken = kernels::usage().weight_bytes - before;
  if (taken == 0) GTEST_SKIP() << "this CPU has no kernels of ours";

  const auto packed = packed_weights(options.engine.kernels);
  const auto with = pool::read_memory_shape(std::vector{entry.path}, packed).value();
  const auto without = pool::read_memory_shape(std::vector{entry.path}, [&](const auto& tensor) {
                         return packed(tensor) > 0 ? tensor.bytes : 0;
                       }).value();
  constexpr std::uint64_t kAligned = 1024;  // between tensors
  EXPECT_NEAR(static_cast<double>(with.repacked_bytes), static_cast<double>(taken), kAligned);
  EXPECT_GT(with.repacked_bytes, without.repacked_bytes) << "nothing had to be filled up";
}

}  // namespace
}  // namespace shimmy::app
