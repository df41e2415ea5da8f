#include "models/load_options.h"

#include <gtest/gtest.h>

namespace shimmy::models {
namespace {

const LoadOptions kWhole{.context_tokens = 1,
                         .parallel = 2,
                         .key_type = generation::CacheType::Q80,
                         .value_type = generation::CacheType::F16,
                         .gpu_layers = 3,
                         .pinned = true,
                         .keep_alive = KeepAlive{std::nullopt}};

TEST(LoadOptions, LeaveToTheConfigurationWhatIsNotAskedFor) {
  EXPECT_EQ(merged({}, kWhole), kWhole);
  EXPECT_EQ(merged({}, {}), LoadOptions{});
}

TEST(LoadOptions, ComeBeforeTheConfiguration) {
  LoadOptions asked = kWhole;
  asked.pinned = false;
  asked.context_tokens = 9;
  EXPECT_EQ(merged(asked, kWhole), asked);
  EXPECT_EQ(merged(kWhole, {}), kWhole);
}

TEST(LoadOptions, MixFieldByField) {
  const LoadOptions mixed = merged({.parallel = 5}, {.context_tokens = 7, .parallel = 6});
  EXPECT_EQ(mixed.parallel, 5U);
  EXPECT_EQ(mixed.context_tokens, 7U);
  EXPECT_FALSE(mixed.keep_alive);
}

}  // namespace
}  // namespace shimmy::models
