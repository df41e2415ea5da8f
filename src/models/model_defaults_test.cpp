#include "models/model_defaults.h"

#include <gtest/gtest.h>

namespace shimmy::models {
namespace {

TEST(ModelDefaults, ThatSayNothingOfSamplingLeaveItAlone) {
  generation::Sampling sampling;
  sampling.top_k = 7;
  ModelDefaults defaults;
  defaults.system = "Be brief.";
  defaults.max_tokens = 5;
  EXPECT_FALSE(apply(defaults, sampling));
  EXPECT_EQ(sampling.top_k, 7);
}

TEST(ModelDefaults, SetWhatTheySay) {
  generation::Sampling sampling;
  sampling.top_p = 0.5F;
  EXPECT_TRUE(apply({.temperature = 0.25F, .top_k = 3, .seed = 9}, sampling));
  EXPECT_EQ(sampling.temperature, 0.25F);
  EXPECT_EQ(sampling.top_k, 3);
  EXPECT_EQ(sampling.seed, 9U);
  EXPECT_EQ(sampling.top_p, 0.5F);
}

}  // namespace
}  // namespace shimmy::models
