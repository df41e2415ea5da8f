#include "gguf/description.h"

#include <gtest/gtest.h>

#include "gguf/file_type_names.h"
#include "gguf/parsed_for_test.h"

namespace shimmy::gguf {
namespace {

using support::GgufWriter;
using support::kF32;
using support::kQ8_0;
using support::small_model;

Description described(const GgufWriter& writer) {
  const std::string bytes = writer.bytes();
  const auto header = parsed(bytes);
  EXPECT_TRUE(header) << header.error().message;
  return header ? describe(*header) : Description{};
}

TEST(Description, TellsAllOfASoundModel) {
  const Description model = described(small_model());
  EXPECT_EQ(model.kind, FileKind::Model);
  EXPECT_EQ(model.architecture, "llama");
  EXPECT_EQ(model.title, "Small Model");
  EXPECT_EQ(model.quantization, "Q4_1");
  EXPECT_EQ(model.parameters, 64U * 4 + 64);
  EXPECT_EQ(model.file_bytes, small_model().bytes().size());
  EXPECT_EQ(model.context_tokens, 2048U);
  EXPECT_EQ(model.layers, 2U);
  EXPECT_EQ(model.embedding_size, 64U);
  EXPECT_EQ(model.heads, 4U);
  EXPECT_EQ(model.kv_heads, 2U);
  EXPECT_EQ(model.experts, 0U);
  EXPECT_EQ(model.tokenizer, "gpt2");
  EXPECT_EQ(model.vocabulary_size, 4U);
  EXPECT_EQ(model.bos_token, 0U);
  EXPECT_EQ(model.eos_token, 1U);
  EXPECT_EQ(model.chat_template, "{{ messages }}");
  EXPECT_EQ(model.shard.count, 1U);
}

TEST(Description, TellsExpertsAndShards) {
  const Description model = described(small_model()
                                          .u32("llama.expert_count", 8)
                                          .u32("llama.expert_used_count", 2)
                                          .u16("split.no", 0)
                                          .u16("split.count", 4));
  EXPECT_EQ(model.experts, 8U);
  EXPECT_EQ(model.experts_used, 2U);
  EXPECT_EQ(model.shard.count, 4U);
}

GgufWriter bare() { return GgufWriter().text("general.architecture", "llama"); }

TEST(Description, LeavesWhatTheFileDoesNotSayEmpty) {
  const Description model = described(bare());
  EXPECT_EQ(model.title, "");
  EXPECT_EQ(model.quantization, "");
  EXPECT_EQ(model.context_tokens, 0U);
  EXPECT_EQ(model.vocabulary_size, 0U);
  EXPECT_FALSE(model.bos_token);
  EXPECT_EQ(model.chat_template, "");
}

TEST(Description, TakesTheLargestOfNumbersThatDifferByLayer) {
  const Description model = described(bare()
                                          .u32("llama.block_count", 3)
                                          .i32s("llama.attention.head_count", {8, 32, 16})
                                          .i32s("llama.attention.head_count_kv", {0, 4, 2}));
  EXPECT_EQ(model.heads, 32U);
  EXPECT_EQ(model.kv_heads, 4U);
}

TEST(Description, TakesTheHeadsForKvHeadsWhereNoneAreNamed) {
  EXPECT_EQ(described(bare().u32("llama.attention.head_count", 8)).kv_heads, 8U);
}

GgufWriter of_two_types() {
  return bare()
      .tensor("large", {64, 2}, kQ8_0, std::string(136, '\0'))
      .tensor("small", {8}, kF32, std::string(32, '\0'));
}

TEST(Description, NamesTheQuantisationByTheFileType) {
  EXPECT_EQ(described(of_two_types().u32("general.file_type", 15)).quantization, "Q4_K_M");
}

TEST(Description, NamesTheQuantisationByMostBytesWhereTheFileTypeSaysNothing) {
  EXPECT_EQ(described(of_two_types()).quantization, "Q8_0");
  EXPECT_EQ(described(of_two_types().u32("general.file_type", 4)).quantization, "Q8_0");
  EXPECT_EQ(described(of_two_types().u32("general.file_type", 1024)).quantization, "Q8_0");
}

TEST(Description, CountsTheVocabularyOfAModelWithoutTokens) {
  EXPECT_EQ(described(bare().u32("llama.vocab_size", 77)).vocabulary_size, 77U);
}

TEST(Description, MakesTextsFitToBePrinted) {
  const Description model = described(
      bare().text("general.name", "a\x1b[31m\xff").text("tokenizer.chat_template", "x\n\xff"));
  EXPECT_EQ(model.title, "a\\x1b[31m\uFFFD");
  EXPECT_EQ(model.chat_template, "x\n\uFFFD");
}

TEST(Description, OutlivesTheBytesItCameFrom) {
  Description model;
  {
    const std::string bytes = small_model().bytes();
    model = describe(*parsed(bytes));
  }
  EXPECT_EQ(model.title, "Small Model");
}

TEST(FileTypeName, KnowsTheNumbersInUse) {
  EXPECT_EQ(file_type_name(0), "F32");
  EXPECT_EQ(file_type_name(2), "Q4_0");
  EXPECT_EQ(file_type_name(7), "Q8_0");
  EXPECT_EQ(file_type_name(18), "Q6_K");
  EXPECT_EQ(file_type_name(21), "Q2_K_S");
  EXPECT_EQ(file_type_name(30), "IQ4_XS");
  EXPECT_EQ(file_type_name(32), "BF16");
  EXPECT_EQ(file_type_name(36), "TQ1_0");
  EXPECT_EQ(file_type_name(38), "MXFP4");
  EXPECT_EQ(file_type_name(41), "Q2_0");
}

TEST(FileTypeName, KnowsNoneOfTheRest) {
  for (const std::uint64_t number : {4ULL, 5ULL, 6ULL, 33ULL, 42ULL, ~0ULL}) {
    EXPECT_EQ(file_type_name(number), "") << number;
  }
}

}  // namespace
}  // namespace shimmy::gguf
