#include "kernels/packed_tensor.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/ggml_types.h"
#include "kernels/parallel.h"

namespace shimmy::kernels {

// The part of one group that a range of bytes touches.
struct PackedTensor::Overlap {
  std::size_t in_group;
  std::size_t in_range;
  std::size_t bytes;
};

std::optional<PackedTensor> PackedTensor::describe(const ggml_tensor& tensor) {
  const std::optional<WeightType> type = weight_type(tensor.type);
  if (!type || tensor.view_src != nullptr || !ggml_is_contiguous(&tensor)) return std::nullopt;
  const auto values = static_cast<std::size_t>(tensor.ne[0]);
  const BlockShape shape = block_shape(*type);
  if (values == 0 || values % shape.values != 0) return std::nullopt;
  return PackedTensor(*type, static_cast<std::size_t>(tensor.ne[1]), values / shape.values,
                      static_cast<std::size_t>(tensor.ne[2] * tensor.ne[3]));
}

RowGroup PackedTensor::group(std::size_t index) const {
  const std::size_t first_row = index % groups() * kCellRows;
  return {type_, std::min(kCellRows, rows_ - first_row), blocks_};
}

std::size_t PackedTensor::first_byte(std::size_t group) const {
  const std::size_t row_bytes = blocks_ * block_shape(type_).bytes;
  return (group / groups() * rows_ + group % groups() * kCellRows) * row_bytes;
}

std::size_t PackedTensor::group_at(std::size_t byte) const {
  const std::size_t row = byte / (blocks_ * block_shape(type_).bytes);
  return row / rows_ * groups() + row % rows_ / kCellRows;
}

PackedTensor::Overlap PackedTensor::overlap(std::size_t index, std::size_t offset,
                                            std::size_t bytes) const {
  const RowGroup rows = group(index);
  const std::size_t first = first_byte(index);
  const std::size_t begin = std::max(first, offset);
  const std::size_t end = std::min(first + rows.rows * rows.row_bytes(), offset + bytes);
  return {begin - first, begin - offset, end - begin};
}

void PackedTensor::write_group(std::size_t index, std::uint8_t* cells, const std::uint8_t* from,
                               std::size_t offset, std::size_t bytes) const {
  const RowGroup rows = group(index);
  const Overlap part = overlap(index, offset, bytes);
  if (part.bytes == rows.rows * rows.row_bytes()) {
    pack_rows(rows, from + part.in_range, cells);
    return;
  }
  std::vector<std::uint8_t> whole(rows.rows * rows.row_bytes());
  restore_rows(rows, cells, whole.data());
  std::memcpy(whole.data() + part.in_group, from + part.in_range, part.bytes);
  pack_rows(rows, whole.data(), cells);
}

void PackedTensor::write(std::uint8_t* packed, const std::uint8_t* from, std::size_t offset,
                         std::size_t bytes) const {
  if (bytes == 0) return;
  const std::size_t first = group_at(offset);
  const std::size_t last = group_at(offset + bytes - 1) + 1;
  constexpr std::size_t kBytesWorthAThread = std::size_t{1} << 18U;
  in_parallel(first, last, bytes / kBytesWorthAThread, [&](std::size_t group) {
    write_group(group, packed + group * group_bytes(), from, offset, bytes);
  });
}

void PackedTensor::read(const std::uint8_t* packed, std::uint8_t* to, std::size_t offset,
                        std::size_t bytes) const {
  if (bytes == 0) return;
  std::vector<std::uint8_t> whole(kCellRows * blocks_ * block_shape(type_).bytes);
  const std::size_t last = group_at(offset + bytes - 1);
  for (std::size_t index = group_at(offset); index <= last; ++index) {
    restore_rows(group(index), packed + index * group_bytes(), whole.data());
    const Overlap part = overlap(index, offset, bytes);
    std::memcpy(to + part.in_range, whole.data() + part.in_group, part.bytes);
  }
}

}  // namespace shimmy::kernels
