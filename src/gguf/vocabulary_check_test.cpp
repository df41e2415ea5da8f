#include "gguf/vocabulary_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gguf/parsed_for_test.h"

namespace shimmy::gguf {
namespace {

using namespace std::string_literals;
using support::GgufWriter;
using testing::HasSubstr;

using Tokens = std::vector<std::string>;

GgufWriter model(std::string_view tokenizer, const Tokens& tokens) {
  return GgufWriter()
      .text("general.architecture", "llama")
      .text("tokenizer.ggml.model", tokenizer)
      .texts("tokenizer.ggml.tokens", tokens);
}

// A tokenizer that adds nothing, so that only the matter of the test can be wrong.
GgufWriter plain(const Tokens& tokens) { return model("rwkv", tokens); }

TEST(VocabularyCheck, RefusesATokenizerWithoutTokens) {
  EXPECT_THAT(
      refusal(
          GgufWriter().text("general.architecture", "llama").text("tokenizer.ggml.model", "llama")),
      HasSubstr("'tokenizer.ggml.tokens' is missing"));
  EXPECT_THAT(refusal(plain({})), HasSubstr("'tokenizer.ggml.tokens' is empty"));
}

TEST(VocabularyCheck, AcceptsAModelWithoutATokenizer) {
  const auto with_size = [](std::uint32_t size) {
    return refusal(GgufWriter()
                       .text("general.architecture", "llama")
                       .text("tokenizer.ggml.model", "none")
                       .u32("llama.vocab_size", size));
  };
  EXPECT_EQ(with_size(32000), "accepted");
  EXPECT_THAT(with_size(0xffffffff), HasSubstr("'llama.vocab_size' is 4294967295"));
}

TEST(VocabularyCheck, RefusesMoreTokensThanAnyModelHas) {
  // 2^22 + 1 empty strings: each is a length of zero.
  const std::uint64_t count = (1ULL << 22) + 1;
  const std::string tokens = support::gguf_u32(8) + support::gguf_u64(count) +
                             std::string(count * sizeof(std::uint64_t), '\0');
  EXPECT_THAT(refusal(GgufWriter()
                          .text("general.architecture", "llama")
                          .raw("tokenizer.ggml.tokens", support::GgufType::Array, tokens)),
              HasSubstr("has 4194305 elements: at most 4194304"));
}

TEST(VocabularyCheck, RefusesTokensThatComeTwice) {
  EXPECT_THAT(refusal(plain({"a", "b", "a"})), HasSubstr("tokens 0 and 2 of the vocabulary are "
                                                         "both 'a'"));
  EXPECT_THAT(refusal(plain({"\x1b[2J", "\x1b[2J"})), HasSubstr("both '\\x1b[2J'"));
}

TEST(VocabularyCheck, RefusesFewerScoresOrTypesThanTokens) {
  EXPECT_THAT(refusal(plain({"a", "b"}).f32s("tokenizer.ggml.scores", {1})),
              HasSubstr("'tokenizer.ggml.scores' has 1 elements: at least one for each of the 2"));
  EXPECT_THAT(refusal(plain({"a", "b"}).i32s("tokenizer.ggml.token_type", {1})),
              HasSubstr("'tokenizer.ggml.token_type' has 1 elements"));
  EXPECT_EQ(refusal(plain({"a", "b"}).i32s("tokenizer.ggml.token_type", {1, 1, 1})), "accepted");
}

TEST(VocabularyCheck, RefusesBosAndEosOutsideTheVocabulary) {
  for (const std::string_view which : {"bos", "eos"}) {
    const std::string key = "tokenizer.ggml." + std::string(which) + "_token_id";
    EXPECT_EQ(refusal(plain({"a", "b"}).u32(key, 1)), "accepted");
    EXPECT_THAT(refusal(plain({"a", "b"}).u32(key, 2)),
                HasSubstr("'" + key + "' is 2, but the vocabulary has 2 tokens (0 to 1)"));
    EXPECT_THAT(refusal(plain({"a", "b"}).u32(key, 0xffffffff)), HasSubstr("4294967295"));
  }
}

TEST(VocabularyCheck, WarnsOfOtherSpecialTokensOutsideTheVocabulary) {
  const std::string bytes = plain({"a", "b"}).u32("tokenizer.ggml.padding_token_id", 2).bytes();
  const auto header = parsed(bytes);
  ASSERT_TRUE(header) << header.error().message;
  ASSERT_EQ(header->warnings.size(), 1U);
  EXPECT_THAT(header->warnings[0],
              HasSubstr("'tokenizer.ggml.padding_token_id' is 2, but the vocabulary has 2"));
}

TEST(VocabularyCheck, RefusesATokenizerThatAddsABosTokenThereIsNot) {
  const std::string missing = "'tokenizer.ggml.bos_token_id' is missing";
  EXPECT_THAT(refusal(model("llama", {"a"})), HasSubstr(missing));
  EXPECT_EQ(refusal(model("llama", {"a", "b"})), "accepted");  // token 1 by default
  EXPECT_THAT(refusal(model("bert", {"a", "b"})), HasSubstr(missing));
  EXPECT_THAT(refusal(model("gpt2", {"a", "b"})), HasSubstr(missing));
  EXPECT_EQ(refusal(model("gpt2", {"a"}).boolean("tokenizer.ggml.add_bos_token", false)),
            "accepted");
  EXPECT_THAT(refusal(plain({"a"}).boolean("tokenizer.ggml.add_bos_token", true)),
              HasSubstr(missing));
}

TEST(VocabularyCheck, DemandsABosTokenOfGemma4WhateverItSays) {
  auto writer = model("gemma4", {"a"}).boolean("tokenizer.ggml.add_bos_token", false);
  EXPECT_THAT(refusal(writer), HasSubstr("the tokenizer 'gemma4' adds that token"));
  EXPECT_EQ(refusal(writer.u32("tokenizer.ggml.bos_token_id", 0)), "accepted");
}

TEST(VocabularyCheck, RefusesATokenizerThatAddsAnEosTokenThereIsNot) {
  const std::string missing = "'tokenizer.ggml.eos_token_id' is missing";
  EXPECT_THAT(refusal(model("t5", {"a"})), HasSubstr(missing));
  EXPECT_EQ(refusal(model("t5", {"a", "b"})), "accepted");
  EXPECT_THAT(refusal(plain({"a"}).boolean("tokenizer.ggml.add_eos_token", true)),
              HasSubstr(missing));
}

TEST(VocabularyCheck, RefusesByteTokensThatNameNoByte) {
  EXPECT_EQ(refusal(plain({"<0x0A>"}).i32s("tokenizer.ggml.token_type", {6})), "accepted");
  EXPECT_THAT(refusal(plain({"\n"}).i32s("tokenizer.ggml.token_type", {6})),
              HasSubstr("token 0 stands for a byte, but is written '\\n'"));
}

TEST(VocabularyCheck, RefusesByteTokensInABertVocabulary) {
  auto writer = model("bert", {"<0x0A>"}).i32s("tokenizer.ggml.token_type", {6});
  EXPECT_THAT(refusal(writer), HasSubstr("which the tokenizer 'bert' does not know"));
}

}  // namespace
}  // namespace shimmy::gguf
