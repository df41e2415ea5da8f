#include "pool/memory_shape.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "gguf/description.h"
#include "pool/layer_shapes.h"

namespace shimmy::pool {
namespace {

constexpr std::string_view kEmbedding = "token_embd.weight";

// Of the copy that is made of a tensor; 0: it is used in place.
std::uint64_t copied_bytes(const gguf::Tensor& tensor, const PackedBytes& packed_bytes) {
  const std::uint64_t packed = packed_bytes ? packed_bytes(tensor) : 0;
  if (packed > 0) return packed;
  return is_repacked(tensor) ? tensor.bytes : 0;
}

// libllama keeps one range of each file mapped: from the first tensor that it uses in place to the
// last.
std::uint64_t mapped_range(const std::vector<gguf::Tensor>& tensors,
                           const PackedBytes& packed_bytes) {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t last = 0;
  for (const gguf::Tensor& tensor : tensors) {
    if (copied_bytes(tensor, packed_bytes) > 0) continue;
    first = std::min(first, tensor.offset);
    last = std::max(last, tensor.offset + tensor.bytes);
  }
  return first < last ? last - first : 0;
}

void add_weights(const gguf::Header& file, const PackedBytes& packed_bytes, MemoryShape& shape) {
  for (const gguf::Tensor& tensor : file.tensors) {
    const std::uint64_t copied = copied_bytes(tensor, packed_bytes);
    shape.tensor_bytes += copied > 0 ? copied : tensor.bytes;
    shape.repacked_bytes += copied;
  }
  shape.mapped_bytes += mapped_range(file.tensors, packed_bytes);
}

// An embedding that is the output matrix, too, is multiplied in that role. ggml copies it for that;
// other kernels take it for both.
std::uint64_t twice_bytes(const std::vector<gguf::Tensor>& tensors,
                          const PackedBytes& packed_bytes) {
  const gguf::Tensor* embedding = nullptr;
  for (const gguf::Tensor& tensor : tensors) {
    if (tensor.name == "output.weight") return 0;
    if (tensor.name == kEmbedding) embedding = &tensor;
  }
  if (embedding == nullptr || (packed_bytes && packed_bytes(*embedding) > 0)) return 0;
  gguf::Tensor output = *embedding;
  output.name = "output.weight";
  return is_repacked(output) ? embedding->bytes : 0;
}

MemoryShape shape_of(const gguf::Header& first, const std::vector<gguf::Tensor>& tensors,
                     const PackedBytes& packed_bytes) {
  const gguf::Description known = gguf::describe(first);
  MemoryShape shape;
  shape.embedding_size = known.embedding_size;
  shape.vocabulary_size = known.vocabulary_size;
  shape.trained_context_tokens = known.context_tokens;
  const std::string window = known.architecture + ".attention.sliding_window";
  shape.has_window = first.metadata.unsigned_at(window).value_or(0) > 0;
  shape.twice_bytes = twice_bytes(tensors, packed_bytes);
  shape.layers = layer_shapes(first, tensors);
  return shape;
}

}  // namespace

MemoryShape memory_shape(const gguf::Header& header, const PackedBytes& packed_bytes) {
  MemoryShape shape = shape_of(header, header.tensors, packed_bytes);
  add_weights(header, packed_bytes, shape);
  return shape;
}

base::Result<MemoryShape> read_memory_shape(std::span<const std::filesystem::path> files,
                                            const PackedBytes& packed_bytes) {
  std::vector<gguf::Header> headers;  // keep the names that the tensors point to
  std::vector<gguf::Tensor> tensors;
  for (const std::filesystem::path& file : files) {
    auto header = gguf::read_header(file);
    if (!header) return std::unexpected(std::move(header).error());
    tensors.insert(tensors.end(), header->tensors.begin(), header->tensors.end());
    headers.push_back(std::move(*header));
  }
  MemoryShape shape = shape_of(headers.front(), tensors, packed_bytes);
  for (const gguf::Header& header : headers) add_weights(header, packed_bytes, shape);
  return shape;
}

}  // namespace shimmy::pool
