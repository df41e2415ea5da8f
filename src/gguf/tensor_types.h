// The ways in which a GGUF file can store the numbers of a tensor.
#pragma once

#include <cstdint>
#include <string_view>

namespace shimmy::gguf {

enum class TensorKind {
  Float,      // F32, F16, BF16: usable anywhere
  Quantized,  // weights of matrices
  Number,     // integers and F64: tables, never weights
  Internal,   // arises during computation, never in a file
  Removed,    // was in files once; libllama no longer reads it
};

struct TensorType {
  std::uint32_t id = 0;   // the file's number for it
  std::string_view name;  // as in model names: "F16", "Q4_K"
  std::uint32_t block_elements = 1;
  std::uint32_t block_bytes = 0;
  TensorKind kind = TensorKind::Float;
};

// Null for a number that was never given out, or that is newer than this table.
const TensorType* find_tensor_type(std::uint32_t id);

}  // namespace shimmy::gguf
