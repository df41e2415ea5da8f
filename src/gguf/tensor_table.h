// The list of tensors in a GGUF file: what they are called, their shapes, where their bytes lie.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gguf/cursor.h"
#include "gguf/tensor_types.h"

namespace shimmy::gguf {

constexpr std::size_t kMostDimensions = 4;

struct Tensor {
  std::string_view name;  // points into the bytes it was read from
  std::array<std::uint64_t, kMostDimensions> dimensions{1, 1, 1, 1};  // unused ones are 1
  std::uint32_t dimension_count = 0;
  const TensorType* type = nullptr;  // never null in a parsed table
  std::uint64_t elements = 0;
  std::uint64_t offset = 0;  // from the start of the file once placed, before that of the data
  std::uint64_t bytes = 0;
};

// Reads `count` tensor descriptions. Names, shapes and types are checked, their places are not.
base::Result<std::vector<Tensor>> parse_tensors(Cursor& cursor, std::uint64_t count);

// Checks that the tensors lie one after another from `data_offset` on and within the file, and
// turns their offsets into offsets from the start of the file.
base::Result<void> place_tensors(std::vector<Tensor>& tensors, std::uint64_t data_offset,
                                 std::uint32_t alignment, std::uint64_t file_bytes);

// The next multiple of `alignment`, a power of two. Requires: it fits into 64 bits.
std::uint64_t aligned(std::uint64_t offset, std::uint64_t alignment);

}  // namespace shimmy::gguf
