#include "kernels/weight_buffer.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <cstring>

#include "kernels/ggml_hook.h"
#include "kernels/ggml_types.h"
#include "kernels/graph_fixture.h"

namespace shimmy::kernels {
namespace {

class WeightBuffer : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(hook_into_ggml(supported_levels().back(), {})); }
  Random random_{1};
};

TEST_F(WeightBuffer, GivesBackTheBytesThatWereSet) {
  for (const WeightType type : every_type()) {
    TensorSet set(weight_buffer_type());
    ggml_tensor* tensor = set.add(type_of_ggml(type), {256, 37, 2});
    set.allocate();
    const Bytes bytes = quantised_weights(type, 74, 256, random_);
    fill(tensor, bytes.data());
    Bytes read(bytes.size());
    ggml_backend_tensor_get(tensor, read.data(), 0, read.size());
    EXPECT_EQ(read, bytes) << name_of(type);
  }
}

TEST_F(WeightBuffer, CopiesToAndFromGgmlsBuffers) {
  TensorSet ours(weight_buffer_type());
  ggml_tensor* packed = ours.add(GGML_TYPE_Q5_K, {256, 20});
  ours.allocate();
  TensorSet theirs(ggml_backend_cpu_buffer_type());
  ggml_tensor* from = theirs.add(GGML_TYPE_Q5_K, {256, 20});
  ggml_tensor* to = theirs.add(GGML_TYPE_Q5_K, {256, 20});
  theirs.allocate();
  const Bytes bytes = quantised_weights(WeightType::Q5K, 20, 256, random_);
  fill(from, bytes.data());
  ggml_backend_tensor_copy(from, packed);
  ggml_backend_tensor_copy(packed, to);
  EXPECT_EQ(std::memcmp(to->data, bytes.data(), bytes.size()), 0);
}

TEST_F(WeightBuffer, ReadsAndWritesThroughViews) {
  TensorSet set(weight_buffer_type());
  ggml_tensor* tensor = set.add(GGML_TYPE_Q4_0, {64, 40});
  set.allocate();
  Bytes bytes = quantised_weights(WeightType::Q40, 40, 64, random_);
  fill(tensor, bytes.data());
  ggml_tensor* rows = ggml_view_2d(set.context(), tensor, 64, 3, tensor->nb[1], 14 * tensor->nb[1]);
  ASSERT_EQ(ggml_backend_view_init(rows), GGML_STATUS_SUCCESS);
  const Bytes fresh = quantised_weights(WeightType::Q40, 3, 64, random_);
  ggml_backend_tensor_set(rows, fresh.data(), 0, fresh.size());
  std::memcpy(bytes.data() + 14 * tensor->nb[1], fresh.data(), fresh.size());
  Bytes read(bytes.size());
  ggml_backend_tensor_get(tensor, read.data(), 0, read.size());
  EXPECT_EQ(read, bytes);
  Bytes part(fresh.size());
  ggml_backend_tensor_get(rows, part.data(), 0, part.size());
  EXPECT_EQ(part, fresh);
}

TEST_F(WeightBuffer, CanBeSetToOneByte) {
  TensorSet set(weight_buffer_type());
  ggml_tensor* tensor = set.add(GGML_TYPE_Q8_0, {64, 20});
  set.allocate();
  ggml_backend_tensor_memset(tensor, 0x11, 0, ggml_nbytes(tensor));
  Bytes read(ggml_nbytes(tensor));
  ggml_backend_tensor_get(tensor, read.data(), 0, read.size());
  EXPECT_EQ(read, Bytes(read.size(), 0x11));
}

TEST_F(WeightBuffer, IsCountedWhileItLives) {
  const auto before = hook_usage().weight_bytes;
  {
    TensorSet set(weight_buffer_type());
    set.add(GGML_TYPE_Q4_0, {64, 17});
    set.allocate();
    EXPECT_EQ(hook_usage().weight_bytes, before + 32 * 36);
  }
  EXPECT_EQ(hook_usage().weight_bytes, before);
}

TEST_F(WeightBuffer, RefusesMoreThanTheMachineHas) {
  UsageCounters counters;
  EXPECT_EQ(allocate_weight_buffer(weight_buffer_type(), std::size_t{1} << 62U, counters), nullptr);
  EXPECT_EQ(counters.read().weight_bytes, 0U);
}

}  // namespace
}  // namespace shimmy::kernels
