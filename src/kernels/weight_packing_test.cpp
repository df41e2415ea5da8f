#include "kernels/weight_packing.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "kernels/ggml_types.h"

namespace shimmy::kernels {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes random_bytes(std::size_t count) {
  std::mt19937 random(static_cast<unsigned>(count));
  Bytes bytes(count);
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random()); });
  return bytes;
}

class WeightPacking : public testing::TestWithParam<int> {
 protected:
  WeightType type() const { return static_cast<WeightType>(GetParam()); }
};

TEST_P(WeightPacking, KnowsTheShapeOfGgmlsBlocks) {
  const ggml_type theirs = type_of_ggml(type());
  const BlockShape shape = block_shape(type());
  EXPECT_EQ(weight_type(theirs), type());
  EXPECT_EQ(ggml_row_size(theirs, 256), 256 / shape.values * shape.bytes);
  EXPECT_EQ(shape.values % static_cast<std::size_t>(ggml_blck_size(theirs)), 0U);
}

// Any bytes are valid blocks, and each bit of them must survive.
TEST_P(WeightPacking, RestoresEveryByte) {
  for (const std::size_t rows : {1U, 7U, 15U, 16U}) {
    for (const std::size_t blocks : {1U, 2U, 5U}) {
      const RowGroup group{type(), rows, blocks};
      const Bytes original = random_bytes(rows * group.row_bytes());
      Bytes cells(group.packed_bytes(), 0xaa);
      Bytes restored(original.size(), 0x55);
      pack_rows(group, original.data(), cells.data());
      restore_rows(group, cells.data(), restored.data());
      EXPECT_EQ(original, restored) << rows << " rows of " << blocks << " blocks";
    }
  }
}

TEST_P(WeightPacking, TakesNoMoreThanGgmlsBytesForWholeGroups) {
  const RowGroup group{type(), kCellRows, 3};
  EXPECT_EQ(group.packed_bytes(), kCellRows * group.row_bytes());
}

TEST_P(WeightPacking, RestoresOneRowWithoutItsNeighbours) {
  const RowGroup group{type(), kCellRows, 2};
  const Bytes original = random_bytes(kCellRows * group.row_bytes());
  Bytes cells(group.packed_bytes());
  pack_rows(group, original.data(), cells.data());
  for (std::size_t row = 0; row < kCellRows; ++row) {
    Bytes restored(group.row_bytes());
    restore_row(group, cells.data(), row, restored.data());
    EXPECT_TRUE(std::ranges::equal(
        restored, std::span(original).subspan(row * group.row_bytes(), group.row_bytes())));
  }
}

TEST_P(WeightPacking, FillsMissingRowsWithZeros) {
  const RowGroup part{type(), 3, 2};
  const RowGroup whole{type(), kCellRows, 2};
  Bytes padded = random_bytes(kCellRows * part.row_bytes());
  Bytes cells(part.packed_bytes(), 0xff);
  pack_rows(part, padded.data(), cells.data());
  Bytes missing(part.row_bytes());
  // Q8_0 keeps its bytes 128 higher, so that zero bytes of a cell are not the zero of a block.
  restore_row(whole, cells.data(), 9, missing.data());
  const std::uint8_t zero = type() == WeightType::Q80 ? 0x80 : 0;
  EXPECT_TRUE(
      std::ranges::all_of(missing, [&](std::uint8_t byte) { return byte == 0 || byte == zero; }));
}

std::string type_name(const testing::TestParamInfo<int>& parameter) {
  return ggml_type_name(type_of_ggml(static_cast<WeightType>(parameter.param)));
}
INSTANTIATE_TEST_SUITE_P(EveryType, WeightPacking,
                         testing::Range(0, static_cast<int>(kWeightTypes)), type_name);

TEST(WeightTypes, LeaveOtherTypesToGgml) {
  EXPECT_FALSE(weight_type(GGML_TYPE_F32));
  EXPECT_FALSE(weight_type(GGML_TYPE_IQ2_XXS));
  EXPECT_FALSE(weight_type(GGML_TYPE_TQ1_0));
}

}  // namespace
}  // namespace shimmy::kernels
