// Writes the seed corpus of gguf_fuzz: small files that each lead the fuzzer into another part of
// the reader. Usage: make_gguf_seeds tests/fuzz/corpus/gguf
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "support/gguf_writer.h"

namespace {

using namespace shimmy::support;

GgufWriter named(std::string_view architecture) {
  return GgufWriter().text("general.architecture", architecture);
}

GgufWriter every_type() {
  return named("llama")
      .raw("a", GgufType::Uint8, "1")
      .raw("b", GgufType::Int8, "1")
      .u16("c", 1)
      .raw("d", GgufType::Int16, "12")
      .i32("e", -1)
      .f32("f", 1.5F)
      .boolean("g", true)
      .u64("h", 1)
      .raw("i", GgufType::Int64, "12345678")
      .raw("j", GgufType::Float64, "12345678")
      .texts("k", {"", "x", "yz"})
      .i32s("l", {1, 2, 3})
      .f32s("m", {1, 2})
      .u32("general.alignment", 64);
}

GgufWriter experts() {
  return named("qwen3moe")
      .u32("qwen3moe.block_count", 2)
      .u32("qwen3moe.expert_count", 8)
      .i32s("qwen3moe.expert_used_count", {2, 4})
      .u32("qwen3moe.expert_group_count", 4)
      .u32("qwen3moe.expert_group_used_count", 2)
      .text("qwen3moe.rope.scaling.type", "yarn");
}

GgufWriter sentencepiece() {
  return named("llama")
      .text("tokenizer.ggml.model", "llama")
      .texts("tokenizer.ggml.tokens", {"<unk>", "<s>", "</s>", "<0x0A>", "", "[EMPTY_9]"})
      .f32s("tokenizer.ggml.scores", {0, 0, 0, 0, 0, 0})
      .i32s("tokenizer.ggml.token_type", {2, 3, 3, 6, 1, 1})
      .u32("tokenizer.ggml.padding_token_id", 9);
}

GgufWriter shard() {
  return GgufWriter()
      .u16("split.no", 1)
      .u16("split.count", 2)
      .i32("split.tensors.count", 3)
      .tensor("blk.1.attn_q.weight", {32, 1}, kQ8_0, std::string(34, '\1'));
}

void save(const std::filesystem::path& folder, const char* name, const std::string& bytes) {
  std::ofstream file(folder / name, std::ios::binary);
  file << bytes;
  if (!file.flush()) std::cerr << "cannot write " << folder / name << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_gguf_seeds <folder>\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  save(folder, "model", small_model().bytes());
  save(folder, "version2", GgufWriter(2).text("general.architecture", "llama").bytes());
  save(folder, "every_type", every_type().bytes());
  save(folder, "experts", experts().bytes());
  save(folder, "sentencepiece", sentencepiece().bytes());
  save(folder, "shard", shard().bytes());
  save(folder, "adapter", named("llama").text("general.type", "adapter").bytes());
  save(folder, "big_endian", GgufWriter(0x03000000).bytes());
  return 0;
}
