// A weight tensor in our layout: where its row groups lie, and reading and writing it as ggml's
// bytes.
#pragma once

#include <ggml.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernels/weight_packing.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

// Matrices one after another, each cut into groups of 16 rows; the last group of a matrix is filled
// up with zero rows. A plain value; it does not own the memory.
class PackedTensor {
 public:
  // Empty where the type or the shape of `tensor` (not a view) cannot be packed.
  static std::optional<PackedTensor> describe(const ggml_tensor& tensor);

  WeightType type() const { return type_; }
  std::size_t rows() const { return rows_; }      // of one matrix
  std::size_t blocks() const { return blocks_; }  // of one row, in ggml's sense
  std::size_t groups() const { return (rows_ + kCellRows - 1) / kCellRows; }  // of one matrix
  std::size_t matrices() const { return matrices_; }
  std::size_t group_bytes() const { return blocks_ * cell_bytes(type_); }
  std::size_t packed_bytes() const { return matrices_ * groups() * group_bytes(); }

  // Group `index`, counted over all matrices.
  RowGroup group(std::size_t index) const;

  // Copies between ggml's bytes [offset, offset + bytes) and the packed memory at `packed`. Large
  // ranges are written by several threads. Writing a part of a group keeps the rest of it.
  void write(std::uint8_t* packed, const std::uint8_t* from, std::size_t offset,
             std::size_t bytes) const;
  void read(const std::uint8_t* packed, std::uint8_t* to, std::size_t offset,
            std::size_t bytes) const;

 private:
  struct Overlap;

  PackedTensor(WeightType type, std::size_t rows, std::size_t blocks, std::size_t matrices)
      : type_(type), rows_(rows), blocks_(blocks), matrices_(matrices) {}

  std::size_t first_byte(std::size_t group) const;
  std::size_t group_at(std::size_t byte) const;
  Overlap overlap(std::size_t index, std::size_t offset, std::size_t bytes) const;
  void write_group(std::size_t index, std::uint8_t* cells, const std::uint8_t* from,
                   std::size_t offset, std::size_t bytes) const;

  WeightType type_;
  std::size_t rows_;
  std::size_t blocks_;
  std::size_t matrices_;
};

}  // namespace shimmy::kernels
