#include "kernels/op_support.h"

#include <ggml-backend-impl.h>
#include <ggml.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "kernels/ggml_types.h"
#include "kernels/graph_fixture.h"

namespace shimmy::kernels {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class OpSupport : public testing::Test {
 protected:
  ggml_tensor* tensor(ggml_type type, std::vector<std::int64_t> extents, const char* name = "w") {
    ggml_tensor* added = set_.add(type, std::move(extents));
    ggml_set_name(added, name);
    return added;
  }
  ggml_context* context() { return set_.context(); }
  static std::string reason(const ggml_tensor* op) { return std::string(reason_against(*op)); }

 private:
  TensorSet set_{ggml_backend_cpu_buffer_type()};
};

TEST_F(OpSupport, TakesProductsOfEveryTypeAndRowCount) {
  for (const WeightType type : every_type()) {
    for (const std::int64_t rows : {1, 15, 16, 17, 1000}) {
      ggml_tensor* w = tensor(type_of_ggml(type), {512, rows});
      ggml_tensor* x = tensor(GGML_TYPE_F32, {512, 3});
      EXPECT_THAT(reason(ggml_mul_mat(context(), w, x)), IsEmpty()) << name_of(type) << rows;
    }
  }
}

TEST_F(OpSupport, TakesProductsOfExperts) {
  ggml_tensor* w = tensor(GGML_TYPE_Q4_K, {256, 32, 8});
  ggml_tensor* x = tensor(GGML_TYPE_F32, {256, 1, 5});
  ggml_tensor* ids = tensor(GGML_TYPE_I32, {2, 5});
  EXPECT_THAT(reason(ggml_mul_mat_id(context(), w, x, ids)), IsEmpty());
}

TEST_F(OpSupport, RefusesTypesWithoutAKernel) {
  for (const ggml_type type :
       {GGML_TYPE_F32, GGML_TYPE_IQ2_XXS, GGML_TYPE_IQ3_S, GGML_TYPE_TQ1_0, GGML_TYPE_Q8_K}) {
    ggml_tensor* w = tensor(type, {256, 32});
    ggml_tensor* x = tensor(GGML_TYPE_F32, {256, 3});
    EXPECT_THAT(reason(ggml_mul_mat(context(), w, x)), HasSubstr("no kernel of ours"))
        << ggml_type_name(type);
  }
}

TEST_F(OpSupport, RefusesRowsThatAreNoWholeBlocksOfActivations) {
  ggml_tensor* w = tensor(GGML_TYPE_F16, {48, 32});
  ggml_tensor* x = tensor(GGML_TYPE_F32, {48, 3});
  EXPECT_THAT(reason(ggml_mul_mat(context(), w, x)), HasSubstr("odd length"));
}

TEST_F(OpSupport, TakesActivationsWithGapsBetweenColumns) {
  ggml_tensor* w = tensor(GGML_TYPE_Q8_0, {64, 32});
  ggml_tensor* wide = tensor(GGML_TYPE_F32, {128, 3});
  ggml_tensor* x = ggml_view_2d(context(), wide, 64, 3, wide->nb[1], 0);
  EXPECT_THAT(reason(ggml_mul_mat(context(), w, x)), IsEmpty());
}

TEST_F(OpSupport, RefusesActivationsOfAnotherDevice) {
  ggml_tensor* w = tensor(GGML_TYPE_Q8_0, {64, 32});
  ggml_tensor* x = tensor(GGML_TYPE_F32, {64, 3});
  ggml_backend_buffer_type device = *ggml_backend_cpu_buffer_type();
  device.iface.is_host = [](ggml_backend_buffer_type_t) { return false; };
  ggml_backend_buffer buffer{};
  buffer.buft = &device;
  x->buffer = &buffer;
  EXPECT_THAT(reason(ggml_mul_mat(context(), w, x)), HasSubstr("another device"));
  x->buffer = nullptr;
}

TEST_F(OpSupport, TakesLookupsOfTheEmbeddingOnly) {
  ggml_tensor* ids = tensor(GGML_TYPE_I32, {7}, "ids");
  ggml_tensor* embedding = tensor(GGML_TYPE_Q4_0, {64, 100}, "token_embd.weight");
  EXPECT_THAT(reason(ggml_get_rows(context(), embedding, ids)), IsEmpty());
  ggml_tensor* positions = tensor(GGML_TYPE_Q4_0, {64, 100}, "position_embd.weight");
  EXPECT_THAT(reason(ggml_get_rows(context(), positions, ids)), HasSubstr("no embedding"));
  ggml_tensor* several = tensor(GGML_TYPE_Q4_0, {64, 100, 2}, "token_embd.weight");
  ggml_tensor* ids_of_both = tensor(GGML_TYPE_I32, {7, 2}, "ids");
  EXPECT_THAT(reason(ggml_get_rows(context(), several, ids_of_both)),
              HasSubstr("more than one matrix"));
}

TEST_F(OpSupport, RefusesEveryOtherOp) {
  ggml_tensor* w = tensor(GGML_TYPE_F16, {64, 32});
  ggml_tensor* x = tensor(GGML_TYPE_F32, {64, 32});
  for (const ggml_tensor* op :
       {ggml_add(context(), w, w), ggml_mul(context(), w, w), ggml_cpy(context(), w, x),
        ggml_scale(context(), x, 2), ggml_soft_max(context(), x)}) {
    EXPECT_THAT(reason(op), HasSubstr("no matrix product")) << ggml_op_name(op->op);
  }
}

}  // namespace
}  // namespace shimmy::kernels
