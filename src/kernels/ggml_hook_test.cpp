#include "kernels/ggml_hook.h"

#include <ggml-backend-impl.h>
#include <ggml-cpu.h>
#include <ggml.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <vector>

#include "kernels/ggml_types.h"
#include "kernels/graph_fixture.h"
#include "kernels/install.h"
#include "kernels/op_support.h"

namespace shimmy::kernels {
namespace {

using testing::HasSubstr;

class GgmlHook : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(hook_into_ggml(supported_levels().back(), {})); }

  // What the model loader does to place a weight: an op on a tensor with a buffer of no size.
  bool is_placed(ggml_type type, ggml_op op, const char* name, std::int64_t values = 256) {
    TensorSet set(ggml_backend_cpu_buffer_type());
    ggml_tensor* w = set.add(type, {values, 32});
    ggml_set_name(w, name);
    w->buffer = ggml_backend_buft_alloc_buffer(weight_buffer_type(), 0);
    ggml_tensor* used = op == GGML_OP_MUL_MAT
                            ? ggml_mul_mat(set.context(), w, set.add(GGML_TYPE_F32, {values, 512}))
                        : op == GGML_OP_GET_ROWS
                            ? ggml_get_rows(set.context(), w, set.add(GGML_TYPE_I32, {512}))
                            : ggml_add(set.context(), w, w);
    const bool is_placed =
        ggml_backend_dev_supports_op(ggml_backend_reg_dev_get(ggml_backend_cpu_reg(), 0), used);
    ggml_backend_buffer_free(w->buffer);
    return is_placed;
  }
};

// If this fails after an upgrade of llama.cpp, weights no longer reach our kernels: see
// docs/decisions/0023.
TEST_F(GgmlHook, IsTheFirstBufferTypeThatTheModelLoaderIsOffered) {
  using ListTypes = ggml_backend_buffer_type_t* (*)(ggml_backend_dev_t);
  const auto list = reinterpret_cast<ListTypes>(ggml_backend_reg_get_proc_address(
      ggml_backend_cpu_reg(), "ggml_backend_dev_get_extra_bufts"));
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list(ggml_backend_reg_dev_get(ggml_backend_cpu_reg(), 0))[0], weight_buffer_type());
}

TEST_F(GgmlHook, TakesTheWeightsOfProducts) {
  for (const WeightType type : every_type())
    EXPECT_TRUE(is_placed(type_of_ggml(type), GGML_OP_MUL_MAT, "w"));
}

TEST_F(GgmlHook, LeavesOtherWeightsToGgml) {
  EXPECT_FALSE(is_placed(GGML_TYPE_F32, GGML_OP_MUL_MAT, "w"));
  EXPECT_FALSE(is_placed(GGML_TYPE_IQ2_XXS, GGML_OP_MUL_MAT, "w"));
  EXPECT_FALSE(is_placed(GGML_TYPE_F16, GGML_OP_MUL_MAT, "w", 40));
  EXPECT_FALSE(is_placed(GGML_TYPE_F16, GGML_OP_ADD, "w"));
}

TEST_F(GgmlHook, TakesLookupsOnlyOfTheEmbedding) {
  EXPECT_TRUE(is_placed(GGML_TYPE_Q4_0, GGML_OP_GET_ROWS, "token_embd.weight"));
  EXPECT_FALSE(is_placed(GGML_TYPE_Q4_0, GGML_OP_GET_ROWS, "position_embd.weight"));
}

TEST_F(GgmlHook, CountsProductsAndRefusals) {
  Random random(1);
  const ProductCase input = random_case({.rows = 32, .columns = 2}, random);
  const Usage before = usage();
  product(input, weight_buffer_type(), 2);
  EXPECT_EQ(usage().products, before.products + 1);
  is_placed(GGML_TYPE_IQ2_XXS, GGML_OP_MUL_MAT, "w");
  EXPECT_EQ(usage().refused_products, before.refused_products + 1);
}

TEST_F(GgmlHook, RecordsWhereWeightsGoAndWhy) {
  take_placements();
  is_placed(GGML_TYPE_Q4_0, GGML_OP_MUL_MAT, "blk.0.ffn_up.weight");
  is_placed(GGML_TYPE_IQ2_XXS, GGML_OP_MUL_MAT, "blk.1.ffn_up.weight");
  is_placed(GGML_TYPE_F16, GGML_OP_ADD, "blk.1.ffn_up.bias");
  const std::vector<Placement> placements = take_placements();
  ASSERT_EQ(placements.size(), 2U);
  EXPECT_EQ(placements[0], (Placement{"blk.0.ffn_up.weight", "q4_0", ""}));
  EXPECT_EQ(placements[1].tensor, "blk.1.ffn_up.weight");
  EXPECT_THAT(placements[1].reason, HasSubstr("no kernel of ours"));
  EXPECT_TRUE(take_placements().empty());
}

// The scheduler asks of ops before their operands have memory.
TEST_F(GgmlHook, RefusesAnOpWhoseFirstOperandLiesNowhere) {
  TensorSet set(ggml_backend_cpu_buffer_type());
  ggml_tensor* nowhere = set.add(GGML_TYPE_F32, {64, 32});
  ggml_tensor* w = set.add(GGML_TYPE_F32, {64, 32});
  w->buffer = ggml_backend_buft_alloc_buffer(weight_buffer_type(), 0);
  take_placements();
  for (ggml_tensor* op :
       {ggml_add(set.context(), nowhere, w), ggml_mul_mat(set.context(), nowhere, w)}) {
    ASSERT_EQ(nowhere->buffer, nullptr);
    EXPECT_FALSE(
        ggml_backend_dev_supports_op(ggml_backend_reg_dev_get(ggml_backend_cpu_reg(), 0), op));
  }
  EXPECT_TRUE(take_placements().empty());
  ggml_backend_buffer_free(w->buffer);
}

TEST_F(GgmlHook, LooksUpRowsAsGgmlDoes) {
  Random random(2);
  const std::vector<std::int32_t> ids = {0, 15, 16, 36, 36, 7};
  for (const WeightType type : every_type()) {
    const Bytes bytes = quantised_weights(type, 37, 512, random);
    const auto rows = [&](ggml_backend_buffer_type_t buffer) {
      TensorSet weights(buffer);
      ggml_tensor* w = weights.add(type_of_ggml(type), {512, 37});
      ggml_set_name(w, "token_embd.weight");
      weights.allocate();
      TensorSet inputs(ggml_backend_cpu_buffer_type());
      ggml_tensor* chosen = inputs.add(GGML_TYPE_I32, {static_cast<std::int64_t>(ids.size())});
      ggml_tensor* result = ggml_get_rows(inputs.context(), w, chosen);
      inputs.allocate();
      fill(w, bytes.data());
      fill(chosen, ids.data());
      EXPECT_TRUE(compute(result, inputs, 2));
      return read_floats(result);
    };
    EXPECT_EQ(rows(weight_buffer_type()), rows(ggml_backend_cpu_buffer_type())) << name_of(type);
  }
}

TEST_F(GgmlHook, RefusesTransposedAndHalfActivations) {
  TensorSet set(ggml_backend_cpu_buffer_type());
  ggml_tensor* w = set.add(GGML_TYPE_Q4_0, {64, 32});
  ggml_tensor* x = set.add(GGML_TYPE_F32, {64, 64});
  ggml_tensor* op = ggml_mul_mat(set.context(), w, x);
  EXPECT_EQ(reason_against(*op), "");
  op->src[1] = ggml_transpose(set.context(), x);
  EXPECT_THAT(std::string(reason_against(*op)), HasSubstr("transposed"));
  op->src[1] = set.add(GGML_TYPE_F16, {64, 64});
  EXPECT_THAT(std::string(reason_against(*op)), HasSubstr("32-bit floats"));
}

TEST_F(GgmlHook, IsNotTakenOutAgain) {
  const auto refused = install(Choice::Ggml);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("installed already"));
}

}  // namespace
}  // namespace shimmy::kernels
