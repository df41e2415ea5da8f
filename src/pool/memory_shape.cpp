#include "pool/memory_shape.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "gguf/description.h"
#include "gguf/shard_name.h"
#include "pool/layer_shapes.h"
#include "pool/repacked_types.h"

namespace shimmy::pool {
namespace {

constexpr std::string_view kEmbedding = "token_embd.weight";

// libllama keeps one range of each file mapped: from the first tensor that it uses in place to the
// last.
std::uint64_t mapped_range(const std::vector<gguf::Tensor>& tensors) {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t last = 0;
  for (const gguf::Tensor& tensor : tensors) {
    if (is_repacked(tensor)) continue;
    first = std::min(first, tensor.offset);
    last = std::max(last, tensor.offset + tensor.bytes);
  }
  return first < last ? last - first : 0;
}

void add_weights(const gguf::Header& file, MemoryShape& shape) {
  for (const gguf::Tensor& tensor : file.tensors) {
    shape.tensor_bytes += tensor.bytes;
    if (is_repacked(tensor)) shape.repacked_bytes += tensor.bytes;
  }
  shape.mapped_bytes += mapped_range(file.tensors);
}

// An embedding that is the output matrix, too, is multiplied in that role.
std::uint64_t twice_bytes(const std::vector<gguf::Tensor>& tensors) {
  const gguf::Tensor* embedding = nullptr;
  for (const gguf::Tensor& tensor : tensors) {
    if (tensor.name == "output.weight") return 0;
    if (tensor.name == kEmbedding) embedding = &tensor;
  }
  if (embedding == nullptr) return 0;
  gguf::Tensor output = *embedding;
  output.name = "output.weight";
  return is_repacked(output) ? embedding->bytes : 0;
}

MemoryShape shape_of(const gguf::Header& first, const std::vector<gguf::Tensor>& tensors) {
  const gguf::Description known = gguf::describe(first);
  MemoryShape shape;
  shape.embedding_size = known.embedding_size;
  shape.vocabulary_size = known.vocabulary_size;
  shape.trained_context_tokens = known.context_tokens;
  const std::string window = known.architecture + ".attention.sliding_window";
  shape.has_window = first.metadata.unsigned_at(window).value_or(0) > 0;
  shape.twice_bytes = twice_bytes(tensors);
  shape.layers = layer_shapes(first, tensors);
  return shape;
}

}  // namespace

MemoryShape memory_shape(const gguf::Header& header) {
  MemoryShape shape = shape_of(header, header.tensors);
  add_weights(header, shape);
  return shape;
}

base::Result<MemoryShape> read_memory_shape(const std::filesystem::path& first_file) {
  auto first = gguf::read_header(first_file);
  if (!first) return std::unexpected(std::move(first).error());
  const auto shard = gguf::parse_shard_name(first_file.stem().string());
  if (!shard || shard->count < 2) return memory_shape(*first);

  std::vector<gguf::Header> files;  // keep the names that the tensors point to
  std::vector<gguf::Tensor> tensors = first->tensors;
  for (std::uint32_t number = 2; number <= shard->count; ++number) {
    auto file = gguf::read_header(first_file.parent_path() / (gguf::shard_stem(*shard, number) +
                                                              first_file.extension().string()));
    if (!file) return std::unexpected(std::move(file).error());
    tensors.insert(tensors.end(), file->tensors.begin(), file->tensors.end());
    files.push_back(std::move(*file));
  }
  MemoryShape shape = shape_of(*first, tensors);
  add_weights(*first, shape);
  for (const gguf::Header& file : files) add_weights(file, shape);
  return shape;
}

}  // namespace shimmy::pool
