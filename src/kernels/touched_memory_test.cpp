#include "kernels/touched_memory.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

namespace shimmy::kernels {
namespace {

// Rows of floats that lie where a test says, in one array.
class TouchedMemoryTest : public testing::Test {
 protected:
  static ggml_tensor floats(std::size_t first, std::size_t count) {
    ggml_tensor tensor{};
    tensor.type = GGML_TYPE_F32;
    tensor.ne[0] = static_cast<std::int64_t>(count);
    tensor.ne[1] = tensor.ne[2] = tensor.ne[3] = 1;
    tensor.nb[0] = sizeof(float);
    tensor.nb[1] = tensor.nb[2] = tensor.nb[3] = count * sizeof(float);
    tensor.data = memory().data() + first;
    return tensor;
  }
  static std::array<float, 100>& memory() {
    static std::array<float, 100> memory{};
    return memory;
  }

  TouchedMemory touched_;
};

TEST_F(TouchedMemoryTest, IsFreeAtFirst) {
  EXPECT_TRUE(touched_.is_free(floats(0, 100)));
  EXPECT_EQ(touched_.size(), 0U);
}

TEST_F(TouchedMemoryTest, IsNotFreeWhereATensorLies) {
  const ggml_tensor tensor = floats(10, 20);
  touched_.add(tensor);
  EXPECT_FALSE(touched_.is_free(floats(29, 1)));
  EXPECT_FALSE(touched_.is_free(floats(0, 11)));
  EXPECT_FALSE(touched_.is_free(floats(0, 100)));
  EXPECT_TRUE(touched_.is_free(floats(30, 10)));
  EXPECT_TRUE(touched_.is_free(floats(0, 10)));
}

TEST_F(TouchedMemoryTest, IsNotFreeWhereOperandsLie) {
  ggml_tensor first = floats(0, 10);
  ggml_tensor second = floats(10, 10);
  ggml_tensor node = floats(20, 10);
  node.src[0] = &first;
  node.src[2] = &second;
  touched_.add_with_operands(node);
  EXPECT_EQ(touched_.size(), 3U);
  EXPECT_FALSE(touched_.is_free(floats(5, 1)));
  EXPECT_FALSE(touched_.is_free(floats(15, 1)));
  EXPECT_FALSE(touched_.is_free(floats(25, 1)));
  EXPECT_TRUE(touched_.is_free(floats(30, 1)));
}

TEST_F(TouchedMemoryTest, ForgetsANodeWithItsOperands) {
  ggml_tensor operand = floats(0, 10);
  ggml_tensor node = floats(10, 10);
  node.src[0] = &operand;
  const ggml_tensor other = floats(20, 10);
  touched_.add_with_operands(node);
  touched_.add(other);
  touched_.forget(std::array<const ggml_tensor*, 2>{&node, nullptr});
  EXPECT_TRUE(touched_.is_free(floats(0, 20)));
  EXPECT_FALSE(touched_.is_free(floats(20, 1)));
}

// Two tensors often have the same memory: what is ignored is one of them, not the place.
TEST_F(TouchedMemoryTest, IgnoresNodesForOneQuestionOnly) {
  const ggml_tensor tensor = floats(10, 10);
  const ggml_tensor same_place = floats(10, 10);
  const std::array<const ggml_tensor*, 1> ignored = {&tensor};
  touched_.add(tensor);
  EXPECT_TRUE(touched_.is_free(floats(10, 1), ignored));
  EXPECT_FALSE(touched_.is_free(floats(10, 1)));
  touched_.add(same_place);
  EXPECT_FALSE(touched_.is_free(floats(10, 1), ignored));
}

TEST_F(TouchedMemoryTest, IsFreeOnceCleared) {
  touched_.add(floats(0, 10));
  touched_.clear();
  EXPECT_TRUE(touched_.is_free(floats(0, 10)));
}

}  // namespace
}  // namespace shimmy::kernels
