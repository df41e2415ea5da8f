#include "pool/memory_forecast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/gguf_writer.h"
#include "support/temp_dir.h"

namespace shimmy::pool {
namespace {

using testing::HasSubstr;

MemoryForecast forecast(std::uint64_t weights, std::uint64_t kv_at_limit) {
  MemoryForecast result;
  result.first = {.weights = weights, .kv_cache = 1'000'000, .compute = 2'000'000};
  result.longest = {.weights = weights, .kv_cache = kv_at_limit, .compute = 2'000'000};
  result.first_context = 2048;
  result.context_limit = 32768;
  result.largest_context = [](std::uint64_t) { return std::size_t{12288}; };
  return result;
}

TEST(MemoryForecast, LetsPassWhatFits) {
  EXPECT_TRUE(check_fits("smol", forecast(5'000'000, 1'000'000'000), 8'000'000));
}

TEST(MemoryForecast, RefusesAModelThatIsTooLargeWithTheNumbers) {
  const auto checked = check_fits("huge", forecast(5'000'000'000, 0), 4'000'000'000);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, base::ErrorCode::ModelLoadFailed);
  EXPECT_EQ(checked.error().reason, "insufficient_memory");
  for (const char* part : {"huge", "5.0 GB", "4.0 GB", "2048 tokens", "--memory"}) {
    EXPECT_THAT(checked.error().message, HasSubstr(part));
  }
}

TEST(MemoryForecast, RefusesAContextThatWasAskedForAndNamesTheLargest) {
  MemoryForecast asked = forecast(1'000'000'000, 9'000'000'000);
  asked.is_limit_asked = true;
  const auto checked = check_fits("smol", asked, 4'000'000'000);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, "insufficient_memory");
  EXPECT_THAT(checked.error().message, HasSubstr("32768 tokens"));
  EXPECT_THAT(checked.error().message, HasSubstr("largest context that would fit is 12288 tokens"));
}

TEST(MemoryForecast, AContextThatNobodyAskedForMayBeLargerThanFits) {
  EXPECT_TRUE(check_fits("smol", forecast(1'000'000'000, 9'000'000'000), 4'000'000'000));
}

TEST(MemoryForecast, SaysWhatPinnedModelsHold) {
  const base::Error error =
      no_room("smol", forecast(1'000'000'000, 0), 2'000'000'000, 1'500'000'000);
  EXPECT_EQ(error.reason, "insufficient_memory");
  EXPECT_THAT(error.message, HasSubstr("1.5 GB are held by pinned models"));
}

class GgufForecastTest : public testing::Test {
 protected:
  models::ModelEntry entry() {
    models::ModelEntry result;
    result.name = "small";
    result.path = directory_.write("small.gguf", support::small_model().bytes());
    return result;
  }

  const support::TempDir directory_;
  const MemoryForecaster forecaster_ = gguf_forecaster({.context_tokens = 2048});
};

TEST_F(GgufForecastTest, StartsSmallAndMayGrowToWhatTheModelWasTrainedFor) {
  const auto usual = forecaster_(entry(), {});
  ASSERT_TRUE(usual) << usual.error().message;
  EXPECT_EQ(usual->first_context, 2048U);
  EXPECT_GE(usual->context_limit, 2048U);
  EXPECT_FALSE(usual->is_limit_asked);
  EXPECT_GT(usual->first.weights, 0U);
}

TEST_F(GgufForecastTest, FollowsTheOptions) {
  const auto usual = forecaster_(entry(), {});
  const auto asked = forecaster_(entry(), {.context_tokens = 512, .parallel = 1});
  ASSERT_TRUE(usual && asked);
  EXPECT_EQ(asked->first_context, 512U);
  EXPECT_EQ(asked->context_limit, 512U);
  EXPECT_TRUE(asked->is_limit_asked);
  EXPECT_LT(asked->first.compute, usual->first.compute);
}

TEST_F(GgufForecastTest, SaysWhatIsWrongWithTheFile) {
  models::ModelEntry broken;
  broken.path = directory_.write("broken.gguf", "GGUF");
  EXPECT_FALSE(forecaster_(broken, {}));
  broken.path = directory_.path() / "none.gguf";
  EXPECT_FALSE(forecaster_(broken, {}));
}

}  // namespace
}  // namespace shimmy::pool
