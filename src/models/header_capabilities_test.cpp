#include "models/header_capabilities.h"

#include <gtest/gtest.h>

#include "models/file_facts.h"
#include "support/gguf_writer.h"
#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

using support::GgufWriter;

GgufWriter model(const std::string& architecture = "llama",
                 const std::vector<std::string>& tokens = {"<s>", "</s>", "a", "b"}) {
  GgufWriter writer;
  writer.text("general.architecture", architecture)
      .u32(architecture + ".context_length", 512)
      .u32(architecture + ".embedding_length", 64)
      .u32(architecture + ".block_count", 1)
      .u32(architecture + ".attention.head_count", 4)
      .text("tokenizer.ggml.model", "gpt2")
      .texts("tokenizer.ggml.tokens", tokens)
      .u32("tokenizer.ggml.bos_token_id", 0)
      .u32("tokenizer.ggml.eos_token_id", 1)
      .tensor("token_embd.weight", {64, tokens.size()}, support::kF32,
              std::string(256 * tokens.size(), '\1'));
  return writer;
}

Capabilities capabilities(const GgufWriter& writer) {
  const support::TempDir temp;
  const auto facts = read_file_facts(temp.write("m.gguf", writer.bytes()));
  EXPECT_TRUE(facts) << facts.error().message;
  return facts ? facts->capabilities : Capabilities{};
}

GgufWriter with_template(const std::string& text) {
  return std::move(model().text("tokenizer.chat_template", text));
}

TEST(HeaderCapabilities, OfAPlainModelAreNone) { EXPECT_EQ(capabilities(model()), Capabilities{}); }

TEST(HeaderCapabilities, ChatComesWithATemplate) {
  Capabilities expected;
  expected.chat = true;
  EXPECT_EQ(capabilities(with_template("{{ messages }}")), expected);
}

TEST(HeaderCapabilities, ToolsAndReasoningAreReadOffTheTemplate) {
  const Capabilities can =
      capabilities(with_template("{% if tools %}{{ tools }}{% endif %}{{ '<think>' }}"));
  EXPECT_TRUE(can.tools);
  EXPECT_TRUE(can.reasoning);
}

TEST(HeaderCapabilities, PoolingMakesAnEmbedder) {
  for (const std::uint32_t pooling : {1U, 2U, 3U}) {
    const Capabilities can =
        capabilities(with_template("{{ messages }}").u32("llama.pooling_type", pooling));
    EXPECT_TRUE(can.embeddings) << pooling;
    EXPECT_FALSE(can.chat) << pooling;
    EXPECT_FALSE(can.rerank) << pooling;
  }
  EXPECT_FALSE(capabilities(model().u32("llama.pooling_type", 0)).embeddings);
}

TEST(HeaderCapabilities, EncodersEmbedWithoutSayingSo) {
  EXPECT_TRUE(capabilities(model("bert")).embeddings);
  EXPECT_TRUE(capabilities(model("nomic-bert")).embeddings);
}

TEST(HeaderCapabilities, RankPoolingOrAClassifierMakesAReranker) {
  for (const Capabilities& can :
       {capabilities(model("bert").u32("bert.pooling_type", 4)),
        capabilities(model("bert").tensor("cls.output.weight", {64}, support::kF32,
                                          std::string(256, '\1')))}) {
    EXPECT_TRUE(can.rerank);
    EXPECT_FALSE(can.embeddings);
  }
}

TEST(HeaderCapabilities, InfillTakesAllThreeKeys) {
  GgufWriter two = model();
  two.u32("tokenizer.ggml.fim_pre_token_id", 2).u32("tokenizer.ggml.suffix_token_id", 3);
  EXPECT_FALSE(capabilities(two).infill);
  EXPECT_TRUE(capabilities(two.u32("tokenizer.ggml.fim_mid_token_id", 2)).infill);
}

TEST(HeaderCapabilities, InfillIsKnownByTheTextsOfTokens) {
  EXPECT_TRUE(
      capabilities(model("llama", {"a", "b", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"}))
          .infill);
  EXPECT_TRUE(capabilities(model("llama", {"a", "b", "▁<PRE>", "▁<SUF>", "▁<MID>"})).infill);
  EXPECT_FALSE(capabilities(model("llama", {"a", "b", "<PRE>", "<SUF>", "<MIDDLE>"})).infill);
}

TEST(WritesTools, NeedsTheVariable) {
  EXPECT_TRUE(writes_tools("{%- if tools %}"));
  EXPECT_TRUE(writes_tools("{{ tools | tojson }}"));
  EXPECT_TRUE(writes_tools("x {% for t in tools %}"));
  EXPECT_TRUE(writes_tools("{% if not(tools) %}"));
  for (const char* text :
       {"", "tools", "You may use tools.", "{{ message.tools }}", "{% if builtin_tools %}",
        "{{ 'tools' }}", "{# tools #}", "{% if tools_in_user_message %}", "{", "{{",
        "{% set x = \"tools\" %}"}) {
    EXPECT_FALSE(writes_tools(text)) << text;
  }
}

TEST(KnowsThoughts, ByTheMarkersOfTheFamilies) {
  for (const char* text : {"{{ '<think>\n' }}", "content.split('</think>')", "<|channel|>analysis",
                           "{% if enable_thinking %}", "message.reasoning_content", "[THINK]"}) {
    EXPECT_TRUE(knows_thoughts(text)) << text;
  }
  EXPECT_FALSE(knows_thoughts("I think, therefore {{ i }} am."));
}

}  // namespace
}  // namespace shimmy::models
