#include "pool/memory_shape.h"

#include <gtest/gtest.h>

#include "models/model_files.h"
#include "pool/memory_estimate.h"
#include "pool/repacked_types.h"
#include "support/gguf_writer.h"
#include "support/temp_dir.h"

namespace shimmy::pool {
namespace {

using support::GgufWriter;
using support::kF16;
using support::kF32;

base::Result<MemoryShape> shape_in(const std::filesystem::path& file,
                                   const PackedBytes& packed_bytes = {}) {
  return read_memory_shape(models::named_shards(file), packed_bytes);
}

// A header alone; the tensors lie one after another.
class HeaderWriter {
 public:
  explicit HeaderWriter(std::string architecture) : architecture_(std::move(architecture)) {
    file_.text("general.architecture", architecture_);
    key("embedding_length", 64);
    key("context_length", 4096);
    key("vocab_size", 1000);
    key("attention.head_count", 4);
  }

  HeaderWriter& key(const std::string& name, std::uint32_t value) {
    file_.u32(architecture_ + "." + name, value);
    return *this;
  }
  HeaderWriter& flag(const std::string& name, bool value) {
    file_.boolean(architecture_ + "." + name, value);
    return *this;
  }
  HeaderWriter& numbers(const std::string& name, const std::vector<std::int32_t>& values) {
    file_.i32s(architecture_ + "." + name, values);
    return *this;
  }
  HeaderWriter& tensor(const std::string& name, const std::vector<std::uint64_t>& sizes,
                       std::uint32_t type = kF16) {
    std::uint64_t bytes = type == kF32 ? 4 : 2;
    for (const std::uint64_t size : sizes) bytes *= size;
    if (type == support::kQ4_0) bytes = bytes / 2 / 32 * 18;
    file_.tensor(name, sizes, type, std::string(bytes, '\1'));
    return *this;
  }
  HeaderWriter& attention(const std::string& block) {
    return tensor(block + "attn_q.weight", {64, 64})
        .tensor(block + "attn_k.weight", {64, 32})
        .tensor(block + "attn_v.weight", {64, 16});
  }

  MemoryShape shape() const {
    const support::TempDir directory;
    const auto shape = shape_in(directory.write("model.gguf", file_.bytes()));
    if (!shape) throw std::runtime_error(shape.error().message);
    return *shape;
  }
  std::string bytes() const { return file_.bytes(); }

 private:
  const std::string architecture_;
  GgufWriter file_;
};

TEST(MemoryShape, KnowsTheSizesOfTheModel) {
  const MemoryShape shape =
      HeaderWriter("llama").tensor("token_embd.weight", {64, 1000}).attention("blk.0.").shape();
  EXPECT_EQ(shape.embedding_size, 64U);
  EXPECT_EQ(shape.vocabulary_size, 1000U);
  EXPECT_EQ(shape.trained_context_tokens, 4096U);
  EXPECT_EQ(shape.tensor_bytes, (64U * 1000 + 64 * 64 + 64 * 32 + 64 * 16) * 2);
  EXPECT_EQ(shape.mapped_bytes, shape.tensor_bytes);
  EXPECT_EQ(shape.repacked_bytes, 0U);
  EXPECT_FALSE(shape.has_window);
}

TEST(MemoryShape, TakesKeysAndValuesFromTheirMatrices) {
  const MemoryShape shape = HeaderWriter("llama").attention("blk.0.").shape();
  ASSERT_EQ(shape.layers.size(), 1U);
  EXPECT_EQ(shape.layers[0].key_values, 32U);
  EXPECT_EQ(shape.layers[0].value_values, 16U);
}

TEST(MemoryShape, ReadsOneMatrixForAllFromTheHeadsOfEachLayer) {
  const MemoryShape shape = HeaderWriter("phi3")
                                .numbers("attention.head_count_kv", {2, 1})
                                .tensor("blk.0.attn_qkv.weight", {64, 128})
                                .tensor("blk.1.attn_qkv.weight", {64, 96})
                                .shape();
  EXPECT_EQ(shape.layers.at(0).key_values, 32U) << "two heads of 64 / 4";
  EXPECT_EQ(shape.layers.at(1).key_values, 16U);
}

TEST(MemoryShape, HeadsCanBeWiderThanTheEmbeddingSays) {
  const MemoryShape shape = HeaderWriter("falcon")
                                .key("attention.key_length", 128)
                                .key("attention.value_length", 48)
                                .key("attention.head_count_kv", 1)
                                .tensor("blk.0.attn_qkv.weight", {64, 700})
                                .shape();
  EXPECT_EQ(shape.layers.at(0).key_values, 128U);
  EXPECT_EQ(shape.layers.at(0).value_values, 48U);
}

TEST(MemoryShape, LatentAttentionKeepsOneKeyAndNoValues) {
  const MemoryShape shape = HeaderWriter("deepseek2")
                                .key("attention.key_length", 40)
                                .key("attention.value_length", 32)
                                .key("attention.key_length_mla", 24)
                                .tensor("blk.0.attn_kv_a_mqa.weight", {64, 40})
                                .shape();
  EXPECT_EQ(shape.layers.at(0).key_values, 40U);
  EXPECT_EQ(shape.layers.at(0).value_values, 0U);
}

TEST(MemoryShape, OlderFilesOfLatentModelsKeepEveryHead) {
  const MemoryShape shape = HeaderWriter("deepseek2")
                                .key("attention.head_count_kv", 4)
                                .key("attention.key_length", 24)
                                .key("attention.value_length", 16)
                                .tensor("blk.0.attn_kv_a_mqa.weight", {64, 40})
                                .shape();
  EXPECT_EQ(shape.layers.at(0).key_values, 96U);
  EXPECT_EQ(shape.layers.at(0).value_values, 64U);
}

TEST(MemoryShape, RecurrentLayersKeepAStateInPlaceOfCells) {
  const MemoryShape shape = HeaderWriter("mamba")
                                .key("ssm.inner_size", 128)
                                .key("ssm.state_size", 16)
                                .tensor("blk.0.ssm_in.weight", {64, 256})
                                .tensor("blk.0.ssm_conv1d.weight", {4, 128}, kF32)
                                .shape();
  EXPECT_EQ(shape.layers.at(0).key_values, 0U);
  EXPECT_EQ(shape.layers.at(0).state_values, 128U * 16);
  EXPECT_EQ(shape.layers.at(0).window_values, 3U * 128);
}

TEST(MemoryShape, HybridModelsHaveBothKindsOfLayers) {
  const MemoryShape shape = HeaderWriter("lfm2")
                                .tensor("blk.0.shortconv.conv.weight", {3, 64}, kF32)
                                .attention("blk.1.")
                                .shape();
  EXPECT_EQ(shape.layers.at(0).key_values, 0U);
  EXPECT_EQ(shape.layers.at(0).window_values, 128U);
  EXPECT_EQ(shape.layers.at(1).key_values, 32U);
  EXPECT_EQ(shape.layers.at(1).window_values, 0U);
}

TEST(MemoryShape, AMatrixForAllThatFeedsAStateHasNoCells) {
  const MemoryShape shape = HeaderWriter("qwen35")
                                .key("ssm.inner_size", 128)
                                .key("ssm.state_size", 16)
                                .tensor("blk.0.attn_qkv.weight", {64, 160})
                                .tensor("blk.0.ssm_conv1d.weight", {4, 160}, kF32)
                                .shape();
  EXPECT_EQ(shape.layers.at(0).key_values, 0U);
  EXPECT_GT(shape.layers.at(0).state_values, 0U);
}

TEST(MemoryShape, RwkvKeepsShiftsAndAState) {
  const MemoryShape shape = HeaderWriter("rwkv6")
                                .key("wkv.head_size", 16)
                                .tensor("blk.0.time_mix_key.weight", {64, 64})
                                .shape();
  EXPECT_EQ(shape.layers.at(0).state_values, 64U * 16);
  EXPECT_EQ(shape.layers.at(0).window_values, 2U * 64);
}

TEST(MemoryShape, EncodersKeepNothing) {
  EXPECT_EQ(HeaderWriter("bert").attention("blk.0.").shape().layers.at(0).key_values, 0U);
  EXPECT_EQ(HeaderWriter("llama")
                .flag("attention.causal", false)
                .attention("blk.0.")
                .shape()
                .layers.at(0)
                .key_values,
            0U);
}

TEST(MemoryShape, LayersThatShareOrOnlyPredictHaveNoCellsOfTheirOwn) {
  const auto kept = [](const std::string& key) {
    HeaderWriter file("llama");
    file.key(key, 1).attention("blk.0.").attention("blk.1.");
    std::size_t count = 0;
    for (const LayerShape& layer : file.shape().layers) count += layer.key_values > 0 ? 1 : 0;
    return count;
  };
  EXPECT_EQ(kept("attention.shared_kv_layers"), 1U);
  EXPECT_EQ(kept("nextn_predict_layers"), 1U);
  EXPECT_EQ(kept("attention.something_else"), 2U);
}

TEST(MemoryShape, SeesAWindow) {
  EXPECT_TRUE(HeaderWriter("gemma3")
                  .key("attention.sliding_window", 512)
                  .attention("blk.0.")
                  .shape()
                  .has_window);
}

TEST(MemoryShape, ExpertsThatWorkTogetherCountTogether) {
  const auto rows = [](std::uint32_t used) {
    return HeaderWriter("qwen3moe")
        .key("expert_count", 8)
        .key("expert_used_count", used)
        .attention("blk.0.")
        .tensor("blk.0.ffn_up_exps.weight", {64, 256, 8})
        .shape()
        .layers.at(0)
        .row_values;
  };
  EXPECT_EQ(rows(4) - rows(2), 3U * 2 * 256);
}

TEST(MemoryShape, AddsUpTheFilesOfASplitModel) {
  const support::TempDir directory;
  HeaderWriter first("llama");
  first.tensor("token_embd.weight", {64, 1000}).attention("blk.0.");
  GgufWriter second;
  second.u16("split.no", 1).u16("split.count", 2).i32("split.tensors.count", 5);
  second.tensor("blk.1.attn_k.weight", {64, 32}, kF16, std::string(4096, '\1'));
  const auto path = directory.write("m-00001-of-00002.gguf", first.bytes());
  EXPECT_FALSE(shape_in(path)) << "the second is missing";
  directory.write("m-00002-of-00002.gguf", second.bytes());
  const auto shape = shape_in(path);
  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_EQ(shape->layers.size(), 2U);
  EXPECT_EQ(shape->layers[1].key_values, 32U);
  EXPECT_EQ(shape->tensor_bytes, first.shape().tensor_bytes + 4096);
}

TEST(MemoryShape, AddsUpFilesOfAnyName) {
  const support::TempDir directory;
  HeaderWriter first("llama");
  first.attention("blk.0.");
  HeaderWriter second("llama");
  second.tensor("blk.1.attn_k.weight", {64, 32});
  const std::vector<std::filesystem::path> files{directory.write("sha256-a", first.bytes()),
                                                 directory.write("sha256-b", second.bytes())};
  const auto shape = read_memory_shape(files);
  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_EQ(shape->layers.size(), 2U);
  EXPECT_EQ(shape->tensor_bytes, first.shape().tensor_bytes + second.shape().tensor_bytes);
}

TEST(MemoryShape, NoLayerNumberMakesItSpendMemory) {
  const MemoryShape shape = HeaderWriter("llama")
                                .tensor("blk.4000000000.attn_k.weight", {64, 32})
                                .tensor("blk.x.attn_k.weight", {64, 32})
                                .tensor("blk.", {64, 32})
                                .shape();
  EXPECT_TRUE(shape.layers.empty());
}

TEST(MemoryShape, FailsWhereTheFileDoes) {
  const support::TempDir directory;
  EXPECT_FALSE(shape_in(directory.path() / "none.gguf"));
  EXPECT_FALSE(shape_in(directory.write("bad.gguf", "no model")));
}

#if defined(__x86_64__)
TEST(MemoryShape, CountsWhatGgmlCopies) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "this CPU has no kernels for it";
  constexpr std::uint64_t matrix = 64ULL * 64 / 32 * 18;
  const MemoryShape shape = HeaderWriter("llama")
                                .tensor("token_embd.weight", {64, 64}, support::kQ4_0)
                                .tensor("blk.0.attn_k.weight", {64, 64}, support::kQ4_0)
                                .tensor("blk.0.attn_v.weight", {64, 63}, support::kQ4_0)
                                .shape();
  EXPECT_EQ(shape.repacked_bytes, matrix) << "not the embedding, not an odd number of rows";
  EXPECT_EQ(shape.twice_bytes, matrix) << "the embedding is the output matrix, too";
  EXPECT_LT(shape.repacked_bytes, shape.tensor_bytes);
}

TEST(MemoryShape, WhatOthersPackIsNotCopiedTwice) {
  const auto packed_bytes = [](const gguf::Tensor& tensor) {
    return tensor.name.contains("attn_v") ? std::uint64_t{0} : tensor.bytes;
  };
  constexpr std::uint64_t matrix = 64ULL * 64 / 32 * 18;
  const support::TempDir directory;
  const auto file =
      directory.write("model.gguf", HeaderWriter("llama")
                                        .tensor("token_embd.weight", {64, 64}, support::kQ4_0)
                                        .tensor("blk.0.attn_k.weight", {64, 64}, support::kQ4_0)
                                        .tensor("blk.0.attn_v.weight", {64, 63}, support::kQ4_0)
                                        .bytes());
  const auto shape = shape_in(file, packed_bytes);
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->repacked_bytes, 2 * matrix) << "the embedding, and the keys";
  EXPECT_EQ(shape->twice_bytes, 0U) << "both of its roles use the packed one";
  EXPECT_FALSE(is_worth_mapping(*shape));
}

TEST(MemoryShape, CountsWhatPackingAdds) {
  const auto packed_bytes = [](const gguf::Tensor& tensor) {
    return tensor.name.contains("attn_k") ? tensor.bytes + 100 : 0;
  };
  const support::TempDir directory;
  HeaderWriter file("llama");
  file.tensor("blk.0.attn_k.weight", {64, 63}).tensor("blk.0.attn_v.weight", {64, 63});
  const auto path = directory.write("model.gguf", file.bytes());
  const auto plain = shape_in(path);
  const auto packed = shape_in(path, packed_bytes);
  ASSERT_TRUE(plain && packed);
  EXPECT_EQ(packed->repacked_bytes, 64U * 63 * 2 + 100);
  EXPECT_EQ(packed->tensor_bytes, plain->tensor_bytes + 100);
  EXPECT_LT(packed->mapped_bytes, plain->mapped_bytes) << "the file's own is not kept";
  EXPECT_EQ(estimate(*packed, {.mmap = false}).weights,
            estimate(*plain, {.mmap = false}).weights + 100);
}

TEST(MemoryShape, AnOutputMatrixOfItsOwnIsNoSecondCopy) {
  const MemoryShape shape = HeaderWriter("llama")
                                .tensor("token_embd.weight", {64, 64}, support::kQ4_0)
                                .tensor("output.weight", {64, 64}, support::kQ4_0)
                                .shape();
  EXPECT_EQ(shape.twice_bytes, 0U);
}
#endif

}  // namespace
}  // namespace shimmy::pool
