#include "kernels/rms_norm.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "kernels/graph_fixture.h"

namespace shimmy::kernels {
namespace {

// Nodes that are shown to a finder; nothing is computed.
class NormFinderTest : public testing::Test {
 protected:
  static constexpr std::int64_t kValues = 64;

  ggml_context* context() { return nodes_.context(); }
  ggml_tensor* floats(std::int64_t rows) { return nodes_.add(GGML_TYPE_F32, {kValues, rows}); }
  // Shows the norm and what comes after it.
  bool finds(ggml_tensor* norm, ggml_tensor* product) {
    NormFinder finder;
    finder.add(norm);
    finder.add(product);
    return bool(finder.last());
  }

  TensorSet nodes_{ggml_backend_cpu_buffer_type()};
  ggml_tensor* x_ = floats(3);
  ggml_tensor* weights_ = floats(1);
  ggml_tensor* norm_ = ggml_rms_norm(context(), x_, 1e-5F);
};

TEST_F(NormFinderTest, FindsANormAndTheProductWithItsWeights) {
  ggml_tensor* const product = ggml_mul(context(), norm_, weights_);
  NormFinder finder;
  finder.add(norm_);
  EXPECT_FALSE(finder.last());
  finder.add(product);
  ASSERT_TRUE(finder.last());
  EXPECT_EQ(finder.last().norm, norm_);
  EXPECT_EQ(finder.last().product, product);
  EXPECT_EQ(finder.last().epsilon, 1e-5F);
  EXPECT_EQ(&finder.last().input(), x_);
}

TEST_F(NormFinderTest, ForgetsThemWithTheNextNode) {
  NormFinder finder;
  finder.add(norm_);
  ggml_tensor* const product = ggml_mul(context(), norm_, weights_);
  finder.add(product);
  finder.add(ggml_scale(context(), product, 2));
  EXPECT_FALSE(finder.last());
}

TEST_F(NormFinderTest, TakesTheProductOfTheLastNodeOnly) {
  NormFinder finder;
  finder.add(norm_);
  finder.add(ggml_scale(context(), x_, 2));
  finder.add(ggml_mul(context(), norm_, weights_));
  EXPECT_FALSE(finder.last());
}

TEST_F(NormFinderTest, WantsOneRowOfWeights) {
  EXPECT_TRUE(finds(norm_, ggml_mul(context(), norm_, weights_)));
  EXPECT_FALSE(finds(norm_, ggml_mul(context(), norm_, floats(3))));
  EXPECT_FALSE(finds(norm_, ggml_mul(context(), norm_, norm_)));
  EXPECT_FALSE(finds(norm_, ggml_add(context(), norm_, weights_)));
}

TEST_F(NormFinderTest, WantsWeightsWhoseMemoryStays) {
  EXPECT_FALSE(finds(norm_, ggml_mul(context(), norm_, ggml_scale(context(), weights_, 2))));
  ggml_set_input(weights_);
  EXPECT_FALSE(finds(norm_, ggml_mul(context(), norm_, weights_)));
}

TEST_F(NormFinderTest, WantsRowsOfFloatsThatLieTogether) {
  ggml_tensor* const columns = ggml_transpose(context(), nodes_.add(GGML_TYPE_F32, {3, kValues}));
  ggml_tensor* const norm = ggml_rms_norm(context(), columns, 1e-5F);
  EXPECT_FALSE(finds(norm, ggml_mul(context(), norm, weights_)));
}

}  // namespace
}  // namespace shimmy::kernels
