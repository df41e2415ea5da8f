#include "gguf/tensor_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gguf/parsed_for_test.h"

namespace shimmy::gguf {
namespace {

using support::GgufWriter;
using support::kF32;
using support::kQ4_K;
using testing::HasSubstr;

constexpr std::uint64_t kHuge = 1ULL << 63;

GgufWriter model() { return GgufWriter().text("general.architecture", "llama"); }

// A file whose only tensor is a row of one float.
GgufWriter one_named(std::string_view name) {
  return model().tensor(name, {1}, kF32, std::string(4, '\0'));
}

GgufWriter one_shaped(const std::vector<std::uint64_t>& dimensions, std::uint32_t type = kF32) {
  return model().tensor("t", dimensions, type, std::string(4096, '\0'));
}

TEST(TensorTable, KnowsShapeTypeAndPlaceOfEachTensor) {
  const std::string bytes = model()
                                .tensor("first", {256, 2}, kQ4_K, std::string(288, 'a'))
                                .tensor("second", {3}, kF32, std::string(12, 'b'))
                                .bytes();
  const auto header = parsed(bytes);
  ASSERT_TRUE(header) << header.error().message;
  ASSERT_EQ(header->tensors.size(), 2U);
  const Tensor& first = header->tensors[0];
  EXPECT_EQ(first.name, "first");
  EXPECT_EQ(first.dimension_count, 2U);
  EXPECT_THAT(first.dimensions, testing::ElementsAre(256, 2, 1, 1));
  EXPECT_EQ(first.type->name, "Q4_K");
  EXPECT_EQ(first.elements, 512U);
  EXPECT_EQ(first.bytes, 288U);
  EXPECT_EQ(first.offset, header->data_offset);
  const Tensor& second = header->tensors[1];
  EXPECT_EQ(second.offset, header->data_offset + 288);
  EXPECT_EQ(bytes.substr(second.offset, second.bytes), std::string(12, 'b'));
}

TEST(TensorTable, AcceptsOneToFourDimensions) {
  EXPECT_EQ(refusal(one_shaped({2})), "accepted");
  EXPECT_EQ(refusal(one_shaped({2, 2, 2, 2})), "accepted");
}

TEST(TensorTable, RefusesNoDimensionsAndFive) {
  EXPECT_THAT(refusal(one_shaped({})), HasSubstr("has 0 dimensions: 1 to 4 are allowed"));
  EXPECT_THAT(refusal(one_shaped({1, 1, 1, 1, 1})), HasSubstr("has 5 dimensions"));
}

TEST(TensorTable, RefusesADimensionOfZero) {
  EXPECT_THAT(refusal(one_shaped({4, 0})), HasSubstr("dimension 1 of tensor 't' is 0"));
}

TEST(TensorTable, RefusesShapesWhoseProductOverflows) {
  EXPECT_THAT(refusal(one_shaped({kHuge})), HasSubstr("dimension 0 of tensor 't'"));
  EXPECT_THAT(refusal(one_shaped({1ULL << 32, 1ULL << 32})), HasSubstr("dimension 1"));
  EXPECT_THAT(refusal(one_shaped({1ULL << 21, 1ULL << 21, 1ULL << 21, 2})),
              HasSubstr("9223372036"));
  EXPECT_THAT(refusal(one_shaped({~0ULL, ~0ULL, ~0ULL, ~0ULL})), HasSubstr("dimension 0"));
}

TEST(TensorTable, RefusesMoreBytesThanFitIntoANumber) {
  EXPECT_THAT(refusal(one_shaped({1ULL << 62})), HasSubstr("more bytes than any file can hold"));
}

TEST(TensorTable, RefusesRowsThatAreNoWholeBlocks) {
  EXPECT_THAT(refusal(one_shaped({255, 256}, kQ4_K)),
              HasSubstr("rows of tensor 't' have 255 elements, but type Q4_K needs a multiple of "
                        "256"));
}

TEST(TensorTable, RefusesUnknownRemovedAndInternalTypes) {
  EXPECT_THAT(refusal(one_shaped({32}, 43)), HasSubstr("unknown type 43"));
  EXPECT_THAT(refusal(one_shaped({32}, 0x80000000U)), HasSubstr("unknown type 2147483648"));
  EXPECT_THAT(refusal(one_shaped({32}, 4)), HasSubstr("Q4_2, which is no longer supported"));
  EXPECT_THAT(refusal(one_shaped({32}, 31)), HasSubstr("Q4_0_4_4, which is no longer supported"));
  EXPECT_THAT(refusal(one_shaped({32}, 9)), HasSubstr("Q8_1, which only exists during"));
}

TEST(TensorTable, AcceptsNamesOf63BytesAndRefuses64) {
  EXPECT_EQ(refusal(one_named(std::string(63, 'n'))), "accepted");
  EXPECT_THAT(refusal(one_named(std::string(64, 'n'))), HasSubstr("is 64 bytes long, but at most"));
}

TEST(TensorTable, RefusesEmptyAndUnprintableNames) {
  EXPECT_THAT(refusal(one_named("")), HasSubstr("tensor 0 has an empty name"));
  EXPECT_THAT(refusal(one_named("a\x1b]0;title\x07")), HasSubstr("'a\\x1b]0;title\\x07'"));
  EXPECT_THAT(refusal(one_named("\xc3\x28")), HasSubstr("'\\xc3("));
  EXPECT_THAT(refusal(one_named(std::string_view("a\0b", 3))), HasSubstr("'a\\x00b'"));
}

TEST(TensorTable, RefusesANameThatComesTwice) {
  EXPECT_THAT(refusal(one_named("same").tensor("same", {1}, kF32, "1234")),
              HasSubstr("two tensors are named 'same', the second is tensor 1"));
}

TEST(TensorTable, RefusesMoreTensorsThanTheFileCanHold) {
  EXPECT_THAT(refusal(model().claim_tensors(1)), HasSubstr("claims 1 tensors, but 0 are the most"));
  EXPECT_THAT(refusal(model().claim_tensors(kHuge)), HasSubstr("claims 9223372036854775808"));
}

TEST(TensorTable, RefusesMoreTensorsThanLibllamaCanCompare) {
  auto writer = model().claim_tensors(65537);
  const std::string bytes = writer.bytes() + std::string(65537UL * 40, '\0');
  EXPECT_THAT(refusal(bytes), HasSubstr("claims 65537 tensors, but 65536 are the most"));
}

TEST(TensorTable, RefusesOffsetsThatAreNotAligned) {
  EXPECT_THAT(refusal(model().tensor_at("t", {1}, kF32, 4)),
              HasSubstr("is at offset 4, which is no multiple of the file's alignment 32"));
}

TEST(TensorTable, RefusesGapsAndOverlaps) {
  const std::string data(64, '\0');
  EXPECT_THAT(refusal(model().tensor("a", {8}, kF32, data).tensor_at("b", {8}, kF32, 0)),
              HasSubstr("tensor 'b' is at offset 0, but 32 is expected"));
  EXPECT_THAT(refusal(model().tensor("a", {8}, kF32, data).tensor_at("b", {8}, kF32, 64)),
              HasSubstr("tensor 'b' is at offset 64, but 32 is expected"));
  EXPECT_THAT(refusal(model().tensor_at("t", {1}, kF32, kHuge)), HasSubstr("9223372036854775808"));
  EXPECT_THAT(refusal(model().tensor_at("t", {1}, kF32, ~0ULL - 31)),
              HasSubstr("but 0 is expected"));
}

TEST(TensorTable, RefusesATensorPastTheEndOfTheFile) {
  EXPECT_THAT(refusal(model().tensor("t", {9}, kF32, std::string(32, '\0'))),
              HasSubstr("tensor 't' needs 36 bytes at byte"));
  EXPECT_THAT(refusal(model().tensor_at("t", {1ULL << 40}, kF32, 0)),
              HasSubstr("but the file ends after 0"));
}

TEST(TensorTable, DemandsWhatLibllamaNeedsOfMappedAddresses) {
  const auto with_alignment = [](std::uint32_t alignment, std::string_view filler) {
    return GgufWriter()
        .text("general.architecture", "llama")
        .text("filler", filler)
        .u32("general.alignment", alignment)
        .align_to(alignment)
        .tensor("t", {1}, kF32, "1234");
  };
  std::size_t refused = 0;
  for (std::size_t length = 0; length < 32; length += 8) {
    const std::string message = refusal(with_alignment(8, std::string(length, 'x')));
    if (message == "accepted") continue;
    EXPECT_THAT(message, HasSubstr("but a multiple of 32 is needed"));
    ++refused;
  }
  EXPECT_EQ(refused, 3U);
  EXPECT_EQ(refusal(with_alignment(64, "x")), "accepted");
}

TEST(TensorTable, AlignsUpwards) {
  EXPECT_EQ(aligned(0, 32), 0U);
  EXPECT_EQ(aligned(1, 32), 32U);
  EXPECT_EQ(aligned(32, 32), 32U);
  EXPECT_EQ(aligned(33, 1ULL << 31), 1ULL << 31);
}

}  // namespace
}  // namespace shimmy::gguf
