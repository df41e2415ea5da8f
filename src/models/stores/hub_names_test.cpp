#include "models/stores/hub_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::models::stores {
namespace {

using testing::Contains;

TEST(QuantizationTag, IsWhatTheStemEndsWith) {
  EXPECT_EQ(quantization_tag("Llama-3.2-1B-Instruct-Q4_K_M"), "Q4_K_M");
  EXPECT_EQ(quantization_tag("SmolLM2-135M-Instruct.Q4_1"), "Q4_1");
  EXPECT_EQ(quantization_tag("Qwen3-30B-A3B-UD-Q4_K_XL"), "UD-Q4_K_XL");
  EXPECT_EQ(quantization_tag("Qwen3-4B_IQ3_XXS"), "IQ3_XXS");
  EXPECT_EQ(quantization_tag("model.f16"), "f16");
  EXPECT_EQ(quantization_tag("gpt-oss-20b-mxfp4"), "mxfp4");
  EXPECT_EQ(quantization_tag("Q8_0"), "Q8_0");
}

TEST(QuantizationTag, IsEmptyWhereThereIsNone) {
  for (const char* stem : {"", "-", "llama", "Qwen", "Q", "phi-4", "qwen-3b", "f16-model", "a-Q",
                           "a-Qwen2", "a-Q4 K"}) {
    EXPECT_EQ(quantization_tag(stem), "") << stem;
  }
}

TEST(WithoutQuantization, LeavesTheModel) {
  EXPECT_EQ(without_quantization("Qwen3-4B-Q4_K_M"), "Qwen3-4B");
  EXPECT_EQ(without_quantization("a.Q8_0"), "a");
  EXPECT_EQ(without_quantization("phi-4"), "phi-4");
  EXPECT_EQ(without_quantization("Q8_0"), "Q8_0");
  EXPECT_EQ(without_quantization("-Q8_0"), "-Q8_0");
}

TEST(ModelStem, HasNoShardNumber) {
  EXPECT_EQ(model_stem("/m/big-00002-of-00003.gguf"), "big");
  EXPECT_EQ(model_stem("/m/small.gguf"), "small");
}

std::vector<FoundFile> files(const std::vector<std::string>& names) {
  std::vector<FoundFile> result(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) result[i].path = names[i];
  return result;
}

TEST(HubNames, AreTheSameForAllShards) {
  auto shards = files({"m-Q4_0-00001-of-00002.gguf", "m-Q4_0-00002-of-00002.gguf"});
  name_hub_files("o/r", shards);
  EXPECT_EQ(shards[0].name, "o/r:Q4_0");
  EXPECT_EQ(shards[1].name, "o/r:Q4_0");
}

TEST(HubNames, CompareQuantizationsWithoutLetterCase) {
  auto two = files({"a-q4_0.gguf", "b-Q4_0.gguf"});
  name_hub_files("o/r", two);
  EXPECT_EQ(two[0].name, "o/r:a-q4_0");
  EXPECT_EQ(two[1].name, "o/r:b-Q4_0");
}

TEST(HubNames, CountAsWithoutTheRepositoryBeforeTheFilesName) {
  auto one = files({"o_r-GGUF_m-Q4_0.gguf"});
  name_hub_files("o/r-GGUF", one);
  EXPECT_EQ(one[0].name, "o/r-GGUF:Q4_0");
  EXPECT_THAT(one[0].aliases, Contains("m-Q4_0"));
}

TEST(HubNames, WorkWithoutOrganisation) {
  auto one = files({"gpt2.f16.gguf"});
  name_hub_files("gpt2", one);
  EXPECT_EQ(one[0].name, "gpt2:f16");
}

}  // namespace
}  // namespace shimmy::models::stores
