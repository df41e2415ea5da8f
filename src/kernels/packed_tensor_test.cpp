#include "kernels/packed_tensor.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/packed_view.h"
#include "kernels/weights_fixture.h"

namespace shimmy::kernels {
namespace {

struct FreeContext {
  void operator()(ggml_context* context) const { ggml_free(context); }
};

class PackedTensors : public testing::Test {
 protected:
  ggml_tensor* make(ggml_type type, std::int64_t values, std::int64_t rows,
                    std::int64_t matrices = 1) {
    return ggml_new_tensor_3d(context_.get(), type, values, rows, matrices);
  }
  ggml_context* context() { return context_.get(); }

  static Bytes random_bytes(std::size_t count) {
    Random random(static_cast<unsigned>(count));
    Bytes bytes(count);
    std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random()); });
    return bytes;
  }

 private:
  std::unique_ptr<ggml_context, FreeContext> context_{
      ggml_init({.mem_size = 1U << 20U, .mem_buffer = nullptr, .no_alloc = true})};
};

TEST_F(PackedTensors, PadTheRowsOfEachMatrixToAGroup) {
  const auto packed = PackedTensor::describe(*make(GGML_TYPE_Q4_0, 64, 20, 3));
  ASSERT_TRUE(packed);
  EXPECT_EQ(packed->groups(), 2U);
  EXPECT_EQ(packed->matrices(), 3U);
  EXPECT_EQ(packed->packed_bytes(), 3U * 32 * 36);
  EXPECT_EQ(packed->group(0).rows, 16U);
  EXPECT_EQ(packed->group(1).rows, 4U);
  EXPECT_EQ(packed->group(3).rows, 4U);
}

TEST_F(PackedTensors, TakeGgmlsBytesWhereRowsFillTheGroups) {
  const ggml_tensor* tensor = make(GGML_TYPE_Q6_K, 512, 48);
  EXPECT_EQ(PackedTensor::describe(*tensor)->packed_bytes(), ggml_nbytes(tensor));
}

TEST_F(PackedTensors, LeaveForeignTypesAndShapes) {
  EXPECT_FALSE(PackedTensor::describe(*make(GGML_TYPE_F32, 64, 16)));
  EXPECT_FALSE(PackedTensor::describe(*make(GGML_TYPE_F16, 40, 16)));
  EXPECT_FALSE(PackedTensor::describe(*ggml_transpose(context(), make(GGML_TYPE_F16, 64, 32))));
}

TEST_F(PackedTensors, ReadAndWriteAnyRangeOfBytes) {
  for (const ggml_type type : {GGML_TYPE_Q4_0, GGML_TYPE_Q8_0, GGML_TYPE_Q5_K, GGML_TYPE_F16}) {
    const ggml_tensor* tensor = make(type, 256, 37, 2);
    const auto packed = PackedTensor::describe(*tensor);
    ASSERT_TRUE(packed);
    Bytes mirror = random_bytes(ggml_nbytes(tensor));
    Bytes cells(packed->packed_bytes());
    packed->write(cells.data(), mirror.data(), 0, mirror.size());
    Random random(3);
    for (int round = 0; round < 60; ++round) {
      const std::size_t offset = random() % mirror.size();
      const std::size_t bytes = random() % (mirror.size() - offset + 1);
      const Bytes fresh = random_bytes(bytes);
      if (round % 2 == 0) {
        packed->write(cells.data(), fresh.data(), offset, bytes);
        std::ranges::copy(fresh, mirror.begin() + static_cast<long>(offset));
      }
      Bytes read(bytes);
      packed->read(cells.data(), read.data(), offset, bytes);
      ASSERT_TRUE(std::ranges::equal(read, std::span(mirror).subspan(offset, bytes)))
          << offset << "+" << bytes;
    }
  }
}

TEST_F(PackedTensors, AreWrittenAlikeByOneThreadAndByMany) {
  const ggml_tensor* tensor = make(GGML_TYPE_Q4_1, 512, 3000);
  const auto packed = PackedTensor::describe(*tensor);
  const Bytes bytes = random_bytes(ggml_nbytes(tensor));
  Bytes at_once(packed->packed_bytes());
  packed->write(at_once.data(), bytes.data(), 0, bytes.size());
  Bytes piece_by_piece(packed->packed_bytes());
  const std::size_t row_bytes = ggml_row_size(GGML_TYPE_Q4_1, 512);
  for (std::size_t at = 0; at < bytes.size(); at += 16 * row_bytes) {
    packed->write(piece_by_piece.data(), bytes.data() + at, at,
                  std::min(16 * row_bytes, bytes.size() - at));
  }
  EXPECT_EQ(at_once, piece_by_piece);
}

TEST_F(PackedTensors, OfferViewsOfWholeGroups) {
  ggml_tensor* tensor = make(GGML_TYPE_Q4_0, 64, 40);
  const std::size_t row = tensor->nb[1];
  EXPECT_TRUE(is_packed_view(*tensor));
  EXPECT_TRUE(is_packed_view(*ggml_view_tensor(context(), tensor)));
  EXPECT_TRUE(is_packed_view(*ggml_view_2d(context(), tensor, 64, 16, row, 16 * row)));
  EXPECT_TRUE(is_packed_view(*ggml_view_2d(context(), tensor, 64, 8, row, 32 * row)));
}

TEST_F(PackedTensors, RefuseViewsThatCutGroups) {
  ggml_tensor* tensor = make(GGML_TYPE_Q4_0, 64, 40);
  const std::size_t row = tensor->nb[1];
  EXPECT_FALSE(is_packed_view(*ggml_view_2d(context(), tensor, 64, 16, row, 8 * row)));
  EXPECT_FALSE(is_packed_view(*ggml_view_2d(context(), tensor, 64, 8, row, 0)));
  EXPECT_FALSE(is_packed_view(*ggml_view_2d(context(), tensor, 32, 16, row, 0)));
  ggml_tensor* experts = make(GGML_TYPE_Q4_0, 64, 16, 4);
  EXPECT_FALSE(is_packed_view(*ggml_view_2d(context(), experts, 64, 16, row, experts->nb[2])));
}

}  // namespace
}  // namespace shimmy::kernels
