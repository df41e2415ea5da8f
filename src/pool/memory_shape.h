// What of a model's header decides how much memory it takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/error.h"
#include "gguf/header.h"
#include "pool/repacked_types.h"

namespace shimmy::pool {

struct LayerShape {
  // of one token in the KV cache; 0: the layer keeps none
  std::uint64_t key_values = 0;
  std::uint64_t value_values = 0;
  // of one sequence, in place of cells; 0: the layer is not recurrent
  std::uint64_t state_values = 0;
  std::uint64_t window_values = 0;  // of its convolution
  // of one row, while the layer is computed
  std::uint64_t row_values = 0;
  // of one sequence, while the layer is computed
  std::uint64_t sequence_values = 0;
};

struct MemoryShape {
  std::uint64_t tensor_bytes = 0;    // of all files, those that are repacked as they are then
  std::uint64_t mapped_bytes = 0;    // what stays mapped of the files when they are
  std::uint64_t repacked_bytes = 0;  // of what is copied into a layout that the CPU's kernels like
                                     // better; they are in mapped_bytes, too
  std::uint64_t twice_bytes = 0;     // the embedding, where ggml repacks it as the output matrix
  std::uint64_t embedding_size = 0;
  std::uint64_t vocabulary_size = 0;
  std::uint64_t trained_context_tokens = 0;
  bool has_window = false;  // some layers see a window of the newest tokens only
  std::vector<LayerShape> layers;
};

// Of all files of a model, the first one first. Reads their headers. Fails as gguf::read_header.
base::Result<MemoryShape> read_memory_shape(std::span<const std::filesystem::path> files,
                                            const PackedBytes& packed_bytes = {});

// Of a model in one file.
MemoryShape memory_shape(const gguf::Header& header, const PackedBytes& packed_bytes = {});

}  // namespace shimmy::pool
