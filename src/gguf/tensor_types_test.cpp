#include "gguf/tensor_types.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace shimmy::gguf {
namespace {

TEST(TensorTypes, HasEveryNumberOnceAndInOrder) {
  std::set<std::string_view> names;
  for (std::uint32_t id = 0; id < 43; ++id) {
    const TensorType* type = find_tensor_type(id);
    ASSERT_NE(type, nullptr);
    EXPECT_EQ(type->id, id);
    EXPECT_TRUE(names.insert(type->name).second) << type->name;
    EXPECT_GE(type->block_elements, 1U);
    EXPECT_EQ(type->block_bytes == 0, type->kind == TensorKind::Removed) << type->name;
  }
}

TEST(TensorTypes, KnowsNoOtherNumbers) {
  EXPECT_EQ(find_tensor_type(43), nullptr);
  EXPECT_EQ(find_tensor_type(~0U), nullptr);
}

// Bits of scale and offset that a block has, and bits of each element.
TEST(TensorTypes, HasBlocksOfTheSizeTheirPartsMakeUp) {
  const auto bytes = [](std::uint32_t id) { return find_tensor_type(id)->block_bytes; };
  EXPECT_EQ(bytes(2), 2U + 32 / 2);                       // Q4_0: scale, nibbles
  EXPECT_EQ(bytes(3), 2U + 2 + 32 / 2);                   // Q4_1: scale, offset, nibbles
  EXPECT_EQ(bytes(6), 2U + 4 + 32 / 2);                   // Q5_0: scale, high bits, nibbles
  EXPECT_EQ(bytes(8), 2U + 32);                           // Q8_0: scale, bytes
  EXPECT_EQ(bytes(10), 2U + 2 + 16 + 256 / 4);            // Q2_K: two scales, sub-scales, pairs
  EXPECT_EQ(bytes(11), 2U + 256 / 4 + 256 / 8 + 12);      // Q3_K
  EXPECT_EQ(bytes(12), 2U + 2 + 12 + 256 / 2);            // Q4_K
  EXPECT_EQ(bytes(13), 2U + 2 + 12 + 256 / 2 + 256 / 8);  // Q5_K
  EXPECT_EQ(bytes(14), 2U + 16 + 256 / 2 + 256 / 4);      // Q6_K
  EXPECT_EQ(bytes(16), 2U + 256 / 8 * 2);                 // IQ2_XXS
  EXPECT_EQ(bytes(23), 2U + 2 + 256 / 64 + 256 / 2);      // IQ4_XS
  EXPECT_EQ(bytes(39), 1U + 32 / 2);                      // MXFP4: exponent, nibbles
  EXPECT_EQ(bytes(40), 4U + 64 / 2);                      // NVFP4: a scale for each 16, nibbles
}

}  // namespace
}  // namespace shimmy::gguf
