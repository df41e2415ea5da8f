#include "gguf/tensor_table.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "gguf/field.h"
#include "gguf/text.h"

namespace shimmy::gguf {
namespace {

constexpr std::uint64_t kLongestName = 63;
// libllama compares every name with every other: more would keep it busy for minutes.
constexpr std::uint64_t kMostTensors = 65536;
// A length, one byte of name, the number of dimensions, one of them, the type and the offset.
constexpr std::uint64_t kSmallestTensor = 8 + 1 + 4 + 8 + 4 + 8;
constexpr std::uint64_t kMostElements = std::numeric_limits<std::int64_t>::max();
// libllama aborts on a mapped tensor whose address is no multiple of this.
constexpr std::uint64_t kAddressAlignment = 32;

base::Result<std::string_view> parse_name(Cursor& cursor, std::uint64_t index) {
  const auto name = read_text(cursor, {"name", "tensor", index}, kLongestName);
  if (!name) return name;
  if (name->empty()) return refuse("tensor {} has an empty name", index);
  if (!is_plain(*name)) {
    return refuse(
        "tensor {} is named {}: control characters and bytes that are not UTF-8 are not "
        "allowed",
        index, quoted(*name));
  }
  return name;
}

base::Result<void> parse_shape(Cursor& cursor, std::uint64_t index, Tensor& tensor) {
  const auto count = read_number<std::uint32_t>(cursor, {"dimension count", "tensor", index});
  if (!count) return std::unexpected(count.error());
  if (*count < 1 || *count > kMostDimensions) {
    return refuse("tensor {} has {} dimensions: 1 to {} are allowed", quoted(tensor.name), *count,
                  kMostDimensions);
  }
  tensor.dimension_count = *count;
  tensor.elements = 1;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto size = read_number<std::uint64_t>(cursor, {"shape", "tensor", index});
    if (!size) return std::unexpected(size.error());
    if (*size == 0) {
      return refuse("dimension {} of tensor {} is 0: at least 1 is needed", i, quoted(tensor.name));
    }
    if (*size >= kMostElements / tensor.elements) {
      return refuse("dimension {} of tensor {} is {}: the tensor would have more than {} elements",
                    i, quoted(tensor.name), *size, kMostElements);
    }
    tensor.dimensions.at(i) = *size;
    tensor.elements *= *size;
  }
  return {};
}

base::Result<const TensorType*> parse_type(Cursor& cursor, std::uint64_t index,
                                           std::string_view tensor) {
  const auto id = read_number<std::uint32_t>(cursor, {"type", "tensor", index});
  if (!id) return std::unexpected(id.error());
  const TensorType* type = find_tensor_type(*id);
  if (type == nullptr) {
    return refuse(
        "tensor {} has the unknown type {}: it needs a newer version of shimmy, or the "
        "file is damaged",
        quoted(tensor), *id);
  }
  if (type->kind == TensorKind::Removed) {
    return refuse(
        "tensor {} is of type {}, which is no longer supported: get or make the file "
        "in another quantisation, such as Q4_0 or Q4_K_M",
        quoted(tensor), type->name);
  }
  if (type->kind == TensorKind::Internal) {
    return refuse(
        "tensor {} is of type {}, which only exists during computation and never in a "
        "file",
        quoted(tensor), type->name);
  }
  return type;
}

base::Result<void> measure(Tensor& tensor) {
  const TensorType& type = *tensor.type;
  if (tensor.dimensions[0] % type.block_elements != 0) {
    return refuse("the rows of tensor {} have {} elements, but type {} needs a multiple of {}",
                  quoted(tensor.name), tensor.dimensions[0], type.name, type.block_elements);
  }
  const std::uint64_t blocks = tensor.elements / type.block_elements;
  if (blocks > kMostElements / type.block_bytes) {
    return refuse("tensor {} has {} elements of type {}: more bytes than any file can hold",
                  quoted(tensor.name), tensor.elements, type.name);
  }
  tensor.bytes = blocks * type.block_bytes;
  return {};
}

base::Result<Tensor> parse_tensor(Cursor& cursor, std::uint64_t index) {
  Tensor tensor;
  const auto name = parse_name(cursor, index);
  if (!name) return std::unexpected(name.error());
  tensor.name = *name;
  if (auto shape = parse_shape(cursor, index, tensor); !shape) {
    return std::unexpected(shape.error());
  }
  const auto type = parse_type(cursor, index, tensor.name);
  if (!type) return std::unexpected(type.error());
  tensor.type = *type;
  const auto offset = read_number<std::uint64_t>(cursor, {"offset", "tensor", index});
  if (!offset) return std::unexpected(offset.error());
  tensor.offset = *offset;
  if (auto measured = measure(tensor); !measured) return std::unexpected(measured.error());
  return tensor;
}

}  // namespace

base::Result<std::vector<Tensor>> parse_tensors(Cursor& cursor, std::uint64_t count) {
  const std::uint64_t most = std::min(kMostTensors, cursor.remaining() / kSmallestTensor);
  if (count > most) {
    return refuse("the file claims {} tensors, but {} are the most it can hold", count, most);
  }
  std::vector<Tensor> tensors;
  tensors.reserve(static_cast<std::size_t>(count));
  std::unordered_set<std::string_view> names;
  names.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto tensor = parse_tensor(cursor, i);
    if (!tensor) return std::unexpected(tensor.error());
    if (!names.insert(tensor->name).second) {
      return refuse("two tensors are named {}, the second is tensor {}", quoted(tensor->name), i);
    }
    tensors.push_back(*tensor);
  }
  return tensors;
}

std::uint64_t aligned(std::uint64_t offset, std::uint64_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

base::Result<void> place_tensors(std::vector<Tensor>& tensors, std::uint64_t data_offset,
                                 std::uint32_t alignment, std::uint64_t file_bytes) {
  std::uint64_t next = 0;  // from data_offset on
  for (Tensor& tensor : tensors) {
    if (tensor.offset % alignment != 0) {
      return refuse("tensor {} is at offset {}, which is no multiple of the file's alignment {}",
                    quoted(tensor.name), tensor.offset, alignment);
    }
    if (tensor.offset != next) {
      return refuse("tensor {} is at offset {}, but {} is expected: tensors lie one after another",
                    quoted(tensor.name), tensor.offset, next);
    }
    const std::uint64_t available = file_bytes - std::min(file_bytes, data_offset + next);
    if (tensor.bytes > available) {
      return refuse(
          "tensor {} needs {} bytes at byte {}, but the file ends after {}: it is cut "
          "short, get it again",
          quoted(tensor.name), tensor.bytes, data_offset + next, available);
    }
    tensor.offset += data_offset;
    if (tensor.offset % kAddressAlignment != 0) {
      return refuse(
          "tensor {} begins at byte {}, but a multiple of {} is needed: write the file "
          "with general.alignment {}",
          quoted(tensor.name), tensor.offset, kAddressAlignment, kAddressAlignment);
    }
    next = aligned(next + tensor.bytes, alignment);
  }
  return {};
}

}  // namespace shimmy::gguf
