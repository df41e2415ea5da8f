#include "gguf/hyperparameter_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gguf/parsed_for_test.h"

namespace shimmy::gguf {
namespace {

using support::GgufWriter;
using testing::HasSubstr;

GgufWriter model(std::string_view architecture = "llama") {
  return GgufWriter().text("general.architecture", architecture);
}

TEST(HyperparameterCheck, RefusesLayersOutsideLibllamasLimits) {
  EXPECT_THAT(refusal(model().u32("llama.block_count", 0)),
              HasSubstr("'llama.block_count' is 0: 1 to 512 is allowed"));
  EXPECT_THAT(refusal(model().u32("llama.block_count", 513)), HasSubstr("is 513"));
  EXPECT_EQ(refusal(model().u32("llama.block_count", 512)), "accepted");
}

TEST(HyperparameterCheck, RefusesAContextOrEmbeddingOfZero) {
  EXPECT_THAT(refusal(model().u32("llama.context_length", 0)), HasSubstr("is 0: 1 to"));
  EXPECT_THAT(refusal(model().u32("llama.embedding_length", 0)), HasSubstr("is 0: 1 to"));
  EXPECT_THAT(refusal(model().u32("llama.embedding_length", 0xffffffff)), HasSubstr("4294967295"));
}

TEST(HyperparameterCheck, RefusesMorePredictingLayersThanLayers) {
  EXPECT_THAT(refusal(model().u32("llama.block_count", 2).u32("llama.nextn_predict_layers", 3)),
              HasSubstr("'llama.nextn_predict_layers' is 3: 0 to 2"));
}

TEST(HyperparameterCheck, RefusesArraysThatAreNotOneNumberALayer) {
  EXPECT_THAT(refusal(model().u32("llama.block_count", 2).i32s("llama.feed_forward_length", {1})),
              HasSubstr("has 1 elements: one for each of the 2 layers"));
}

TEST(HyperparameterCheck, RefusesExpertsThatDoNotAddUp) {
  EXPECT_THAT(refusal(model().u32("llama.expert_count", 1025)), HasSubstr("0 to 1024 is allowed"));
  EXPECT_THAT(refusal(model().u32("llama.expert_count", 8)),
              HasSubstr("'llama.expert_used_count' is 0: 1 to 8"));
  EXPECT_THAT(refusal(model().u32("llama.expert_count", 8).u32("llama.expert_used_count", 9)),
              HasSubstr("is 9: 1 to 8"));
  EXPECT_THAT(refusal(model().u32("llama.expert_used_count", 2)), HasSubstr("is 2: 0 to 0"));
  EXPECT_EQ(refusal(model().u32("llama.expert_count", 8).u32("llama.expert_used_count", 2)),
            "accepted");
}

TEST(HyperparameterCheck, LooksAtTheLayerWithMostExperts) {
  auto writer = model()
                    .u32("llama.block_count", 2)
                    .u32("llama.expert_count", 4)
                    .i32s("llama.expert_used_count", {1, -1});
  EXPECT_THAT(refusal(writer), HasSubstr("is 4294967295: 1 to 4"));
}

TEST(HyperparameterCheck, TakesOneExpertAsDenseWhereLibllamaDoes) {
  EXPECT_EQ(refusal(model("hunyuan-dense").u32("hunyuan-dense.expert_count", 1)), "accepted");
  EXPECT_THAT(refusal(model().u32("llama.expert_count", 1)), HasSubstr("expert_used_count"));
}

TEST(HyperparameterCheck, RefusesExpertGroupsThatDoNotAddUp) {
  const auto with_groups = [](std::uint32_t groups, std::uint32_t used) {
    return refusal(model()
                       .u32("llama.expert_count", 8)
                       .u32("llama.expert_used_count", 2)
                       .u32("llama.expert_group_count", groups)
                       .u32("llama.expert_group_used_count", used));
  };
  EXPECT_EQ(with_groups(4, 2), "accepted");
  EXPECT_EQ(with_groups(1, 1), "accepted");
  EXPECT_EQ(with_groups(0, 0), "accepted");
  EXPECT_THAT(with_groups(8, 2), HasSubstr("must be less than the 8 experts"));
  EXPECT_THAT(with_groups(3, 2), HasSubstr("divide their number"));
  EXPECT_THAT(with_groups(4, 0), HasSubstr("'llama.expert_group_used_count' is 0: 1 to 3"));
  EXPECT_THAT(with_groups(4, 4), HasSubstr("is 4: 1 to 3"));
  EXPECT_THAT(refusal(model().u32("llama.expert_group_count", 2)), HasSubstr("the 0 experts"));
}

TEST(HyperparameterCheck, RefusesRopeScalingThatLibllamaAbortsOver) {
  for (const std::string_view kind : {"none", "linear", "yarn", "longrope"}) {
    EXPECT_EQ(refusal(model().text("llama.rope.scaling.type", kind)), "accepted");
  }
  EXPECT_THAT(refusal(model().text("llama.rope.scaling.type", "su\x1b")),
              HasSubstr("'llama.rope.scaling.type' is 'su\\x1b'"));
}

TEST(HyperparameterCheck, LeavesMissingKeysToLibllama) { EXPECT_EQ(refusal(model()), "accepted"); }

}  // namespace
}  // namespace shimmy::gguf
