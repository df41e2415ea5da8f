#include "gguf/key_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gguf/parsed_for_test.h"

namespace shimmy::gguf {
namespace {

using support::GgufWriter;
using testing::HasSubstr;

GgufWriter model() { return GgufWriter().text("general.architecture", "llama"); }

TEST(KeyTypes, RefusesTheArchitectureAsANumber) {
  EXPECT_THAT(refusal(GgufWriter().u32("general.architecture", 1)),
              HasSubstr("'general.architecture' is of type uint32: string is expected"));
}

TEST(KeyTypes, RefusesSizesThatAreNoUint32) {
  for (const std::string_view suffix :
       {"context_length", "embedding_length", "block_count", "vocab_size", "expert_count",
        "expert_group_count", "expert_used_count", "attention.head_count"}) {
    const std::string key = "llama." + std::string(suffix);
    EXPECT_THAT(refusal(model().text(key, "4096")), HasSubstr("'" + key + "' is of type string"));
    EXPECT_THAT(refusal(model().u64(key, 1)), HasSubstr("is of type uint64: uint32"));
    EXPECT_THAT(refusal(model().texts(key, {"1"})), HasSubstr("is of type array of string"));
  }
}

TEST(KeyTypes, TakesOneNumberALayerWhereLibllamaDoes) {
  EXPECT_EQ(refusal(model().u32("llama.block_count", 2).i32s("llama.attention.head_count", {4, 8})),
            "accepted");
  EXPECT_THAT(refusal(model().f32s("llama.attention.head_count", {4})),
              HasSubstr("is of type array of float32: uint32 or array of int32 is expected"));
  EXPECT_THAT(refusal(model().i32s("llama.context_length", {4})),
              HasSubstr("is of type array of int32: uint32 is expected"));
}

TEST(KeyTypes, LooksAtTheKeysOfTheFilesOwnArchitecture) {
  EXPECT_EQ(refusal(model().text("qwen2.context_length", "4096")), "accepted");
}

TEST(KeyTypes, AsksNothingOfTheKeysOfAdaptersAndProjectors) {
  EXPECT_EQ(refusal(model().text("general.type", "adapter").f32("llama.context_length", 1)),
            "accepted");
}

TEST(KeyTypes, RefusesTokenizerKeysOfOtherTypes) {
  EXPECT_THAT(refusal(model().u32("tokenizer.ggml.model", 1)), HasSubstr("string is expected"));
  EXPECT_THAT(refusal(model().i32s("tokenizer.ggml.tokens", {1})),
              HasSubstr("'tokenizer.ggml.tokens' is of type array of int32: array of string"));
  EXPECT_THAT(refusal(model().text("tokenizer.ggml.tokens", "a")),
              HasSubstr("is of type string: array of string"));
  EXPECT_THAT(refusal(model().text("tokenizer.ggml.scores", "a")),
              HasSubstr("array of float32 or int32 is expected"));
  EXPECT_THAT(refusal(model().f32s("tokenizer.ggml.token_type", {1})),
              HasSubstr("array of int32 is expected"));
  EXPECT_THAT(refusal(model().u32("tokenizer.ggml.add_bos_token", 1)),
              HasSubstr("is of type uint32: bool is expected"));
  EXPECT_THAT(refusal(model().texts("tokenizer.chat_template", {"a"})),
              HasSubstr("string is expected"));
}

TEST(KeyTypes, RefusesEverySpecialTokenThatIsNoUint32) {
  for (const std::string_view which : {"bos", "eos", "unknown", "padding", "of_some_new_kind"}) {
    const std::string key = "tokenizer.ggml." + std::string(which) + "_token_id";
    EXPECT_THAT(refusal(model().i32(key, 1)),
                HasSubstr("'" + key + "' is of type int32: uint32 is expected"));
  }
}

TEST(KeyTypes, RefusesRopeScalingOfOtherTypes) {
  EXPECT_THAT(refusal(model().u32("llama.rope.scaling.type", 1)), HasSubstr("string is expected"));
  EXPECT_THAT(refusal(model().u32("llama.rope.freq_base", 1)), HasSubstr("float32 is expected"));
}

}  // namespace
}  // namespace shimmy::gguf
