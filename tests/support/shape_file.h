// Writes model files of true sizes and shapes whose weights are a hole in the file: libllama loads
// them in no time, and they take no disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace shimmy::support {

enum class Family {
  Llama,    // attention with shared heads
  Mixtral,  // the same with experts
  Qwen3,    // heads that are wider than the embedding says
  Gemma3,   // sliding windows in five of six layers
  GptOss,   // windows in every other layer, and experts
  Qwen3Moe,
  DeepSeek2,  // one latent key in place of keys and values
  Mamba,      // a state in place of a cache
  Granite,    // states, and attention in every fourth layer
  Lfm2,       // convolutions, and attention in every fourth layer
};

struct Shape {
  std::string name;
  Family family = Family::Llama;
  std::uint32_t type = 0;  // of matrices; the file's number for it
  std::uint64_t layers = 4;
  std::uint64_t embedding = 1024;
  std::uint64_t heads = 16;
  std::uint64_t kv_heads = 4;
  std::uint64_t head_size = 64;
  std::uint64_t feed_forward = 4096;  // of an expert, where there are any
  std::uint64_t vocabulary = 32000;
  std::uint64_t experts = 0;
  std::uint64_t experts_used = 0;
  std::uint64_t window = 0;
  std::uint64_t state = 16;  // of a recurrent layer, for each of its channels
  std::uint64_t inner = 0;   // channels of a recurrent layer
  bool tied = true;          // the embedding is the output matrix, too
  bool has_tokens = false;   // a byte-level vocabulary; else the file names only its size
};

struct ShapeTensor {
  std::string name;
  std::vector<std::uint64_t> sizes;  // columns first
  std::uint32_t type = 0;
  std::uint64_t offset = 0;  // in the file
};

struct ShapeFile {
  std::string header;  // what comes before the tensors
  std::vector<ShapeTensor> tensors;
  std::uint64_t bytes = 0;  // of the whole file
};

// Throws std::runtime_error if the vocabulary is too small for every byte to have a token.
ShapeFile lay_out(const Shape& shape);

// As <name>.gguf.
std::filesystem::path write_shape(const std::filesystem::path& directory, const Shape& shape);

}  // namespace shimmy::support
