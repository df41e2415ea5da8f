// What products take over from the ops around them: norms, sums, and what is done with heads.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/graph_nodes.h"
#include "kernels/product_graph_fixture.h"

namespace shimmy::kernels {
namespace {

class ProductFusion : public ProductGraph {
 protected:
  ggml_tensor* weights_of_norm(std::int64_t values) {
    return parameter(random_floats(static_cast<std::size_t>(values), random_));
  }
  ggml_tensor* normed(ggml_tensor* x) {
    return ggml_mul(context(), ggml_rms_norm(context(), x, 1e-5F), weights_of_norm(x->ne[0]));
  }
};

bool is_skipped(const ggml_tensor* node) { return !is_computed(*node); }

double relative_error(const Floats& values, const Floats& reference) {
  double error = 0;
  double size = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    error += std::pow(double(values[i]) - double(reference[i]), 2);
    size += std::pow(double(reference[i]), 2);
  }
  return error / size;
}

TEST_F(ProductFusion, AddsTheResidual) {
  for (const std::int64_t columns : {1, 4, 7, 40}) {
    SCOPED_TRACE(columns);
    start_over();
    ggml_tensor* x = input(columns);
    ggml_tensor* weights = matrix(100);
    const Floats residual = random_floats(static_cast<std::size_t>(100 * columns), random_);
    ggml_tensor* other = input_of(GGML_TYPE_F32, {100, columns}, residual);
    ggml_tensor* product = ggml_mul_mat(context(), weights, x);
    ggml_tensor* sum = ggml_add(context(), other, product);
    prepare({sum});
    EXPECT_EQ(run(), 1U);
    EXPECT_TRUE(is_skipped(product));
    Floats expected = alone(weights);
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += residual[i];
    EXPECT_EQ(read_floats(sum), expected);
  }
}

TEST_F(ProductFusion, LeavesASumWithOneRowForAllColumnsAlone) {
  ggml_tensor* x = input(3);
  ggml_tensor* product = ggml_mul_mat(context(), matrix(64), x);
  ggml_tensor* sum = ggml_add(context(), product, weights_of_norm(64));
  prepare({sum});
  EXPECT_EQ(run(), 0U);
  EXPECT_FALSE(is_skipped(product));
}

TEST_F(ProductFusion, LeavesASumOfAProductThatIsReadAgainAlone) {
  ggml_tensor* x = input(1);
  ggml_tensor* weights = matrix(64);
  ggml_tensor* product = ggml_mul_mat(context(), weights, x);
  ggml_tensor* sum = ggml_add(context(), product, weights_of_norm(64));
  ggml_tensor* again = ggml_scale(context(), product, 2);
  prepare({sum, again});
  run();
  EXPECT_FALSE(is_skipped(product));
  EXPECT_EQ(read_floats(again), doubled(alone(weights)));
}

// One product takes the norm, the other comes after its result as ggml computes it.
TEST_F(ProductFusion, NormalisesActivations) {
  for (const std::int64_t columns : {1, 4, 7, 40}) {
    SCOPED_TRACE(columns);
    start_over();
    ggml_tensor* weights = matrix(96);
    ggml_tensor* norm = normed(input(columns));
    ggml_tensor* product = ggml_mul_mat(context(), weights, norm);
    ggml_tensor* second = ggml_mul_mat(context(), matrix(32), norm);
    prepare({product, second});
    EXPECT_EQ(run(), 1U);
    EXPECT_TRUE(is_skipped(norm));
    const Floats taken = read_floats(product);
    ggml_set_output(norm);
    run();
    EXPECT_FALSE(is_skipped(norm));
    EXPECT_LT(relative_error(taken, read_floats(product)), 1e-5);
  }
}

TEST_F(ProductFusion, NormalisesAColumnAlikeInAnyCompany) {
  ggml_tensor* weights = matrix(96);
  ggml_tensor* product = ggml_mul_mat(context(), weights, normed(input(40)));
  prepare({product});
  run();
  const Floats all = read_floats(product);
  for (const int threads : {1, 3}) {
    run(threads);
    EXPECT_EQ(read_floats(product), all) << threads;
  }
  for (std::size_t column = 1; column < 40; ++column) {
    std::copy_n(columns_.begin(), kValues, columns_.begin() + static_cast<long>(column) * kValues);
  }
  run();
  const Floats alike = read_floats(product);
  for (std::size_t i = 0; i < alike.size(); ++i) ASSERT_EQ(alike[i], all[i % 96]) << i;
}

// Memory of a graph's inputs is used again when they have been read for the last time.
TEST_F(ProductFusion, LeavesANormAloneWhoseWeightsAreAnInput) {
  ggml_tensor* weights = input_of(GGML_TYPE_F32, {kValues}, random_floats(kValues, random_));
  ggml_tensor* norm = ggml_mul(context(), ggml_rms_norm(context(), input(1), 1e-5F), weights);
  prepare({ggml_mul_mat(context(), matrix(96), norm)});
  EXPECT_EQ(run(), 0U);
  EXPECT_FALSE(is_skipped(norm));
}

TEST_F(ProductFusion, WritesANormThatSomebodyElseReads) {
  ggml_tensor* norm = normed(input(2));
  ggml_tensor* product = ggml_mul_mat(context(), matrix(kValues), norm);
  ggml_tensor* reader = ggml_mul(context(), product, norm);
  prepare({reader});
  run();
  EXPECT_FALSE(is_skipped(norm));
  EXPECT_FALSE(is_skipped(product));
}

// What is done with each head of a product of `tokens` columns before attention.
struct Heads {
  ggml_tensor* product;
  ggml_tensor* rotated;
  ggml_tensor* stored;
};

struct HeadCase {
  int mode = GGML_ROPE_TYPE_NORMAL;
  bool has_norm = false;
  bool has_factors = false;
  float yarn = 0;
  ggml_type cache = GGML_TYPE_F16;
};

class HeadChains : public ProductFusion, public testing::WithParamInterface<HeadCase> {
 protected:
  static constexpr std::int64_t kHead = 32;
  static constexpr std::int64_t kHeads = 4;
  static constexpr std::int64_t kCells = 64;

  Heads add(ggml_tensor* weights, ggml_tensor* x) {
    const HeadCase& chain = GetParam();
    Heads heads{};
    heads.product = ggml_mul_mat(context(), weights, x);
    ggml_tensor* cells = ggml_reshape_3d(context(), heads.product, kHead, kHeads, x->ne[1]);
    if (chain.has_norm)
      cells = ggml_mul(context(), ggml_rms_norm(context(), cells, 1e-6F), norm_weights_);
    heads.rotated =
        ggml_rope_ext(context(), cells, positions_, factors_, kHead - 8, chain.mode, 4096, 10000.0F,
                      chain.yarn == 0 ? 1.0F : 0.25F, chain.yarn, 1.0F, 32.0F, 1.0F);
    const std::int64_t row = kHead * kHeads;
    ggml_tensor* rows = ggml_view_2d(context(), heads.rotated, row, x->ne[1],
                                     static_cast<std::size_t>(row) * sizeof(float), 0);
    ggml_tensor* cache =
        input_of(chain.cache, {row, kCells}, Bytes(ggml_row_size(chain.cache, row) * kCells, 0));
    heads.stored = ggml_set_rows(context(), cache, rows, indices_);
    return heads;
  }

  void add_inputs(std::int64_t tokens) {
    std::vector<std::int32_t> positions(static_cast<std::size_t>(tokens));
    for (std::int32_t next = 5; std::int32_t& position : positions) position = next++;
    const std::vector<std::int64_t> indices(positions.rbegin(), positions.rend());
    positions_ = input_of(GGML_TYPE_I32, {tokens}, positions);
    indices_ = input_of(GGML_TYPE_I64, {tokens}, indices);
    if (GetParam().has_norm) norm_weights_ = weights_of_norm(kHead);
    Floats factors(kHead / 2, 1);
    factors[3] = 4;
    factors_ = GetParam().has_factors ? input_of(GGML_TYPE_F32, {kHead / 2}, factors) : nullptr;
  }

  static Bytes bytes_of(const ggml_tensor* tensor) {
    Bytes bytes(ggml_nbytes(tensor));
    ggml_backend_tensor_get(tensor, bytes.data(), 0, bytes.size());
    return bytes;
  }

  ggml_tensor* positions_ = nullptr;
  ggml_tensor* indices_ = nullptr;
  ggml_tensor* norm_weights_ = nullptr;
  ggml_tensor* factors_ = nullptr;
};

// Of two chains on one matrix ggml computes the one whose product is asked for.
TEST_P(HeadChains, GiveWhatGgmlGives) {
  for (const std::int64_t tokens : {1, 3, 40}) {
    SCOPED_TRACE(tokens);
    start_over();
    ggml_tensor* x = input(tokens);
    add_inputs(tokens);
    ggml_tensor* weights = matrix(kHead * kHeads);
    const Heads ours = add(weights, x);
    const Heads theirs = add(weights, x);
    prepare({ours.rotated, ours.stored, theirs.product, theirs.rotated, theirs.stored});
    EXPECT_EQ(run(), 1U);
    EXPECT_TRUE(is_skipped(ours.rotated));
    EXPECT_TRUE(is_skipped(ours.stored));
    EXPECT_FALSE(is_skipped(theirs.rotated));
    EXPECT_LT(relative_error(read_floats(ours.rotated), read_floats(theirs.rotated)), 1e-11);
    const Bytes written = bytes_of(ours.stored);
    const Bytes expected = bytes_of(theirs.stored);
    std::size_t different = 0;
    for (std::size_t i = 0; i < written.size(); ++i) different += written[i] != expected[i];
    // The last bit of a sum before it is rounded.
    EXPECT_LT(different, written.size() / 100);
    EXPECT_NE(written, Bytes(written.size(), 0));
  }
}

TEST_P(HeadChains, AreTheSameForAnyNumberOfThreads) {
  ggml_tensor* x = input(7);
  add_inputs(7);
  const Heads heads = add(matrix(kHead * kHeads), x);
  prepare({heads.rotated, heads.stored});
  run(1);
  const Floats rotated = read_floats(heads.rotated);
  const Bytes stored = bytes_of(heads.stored);
  for (const int threads : {2, 3, 5}) {
    run(threads);
    EXPECT_EQ(read_floats(heads.rotated), rotated);
    EXPECT_EQ(bytes_of(heads.stored), stored);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, HeadChains,
    testing::Values(HeadCase{}, HeadCase{.mode = GGML_ROPE_TYPE_NEOX},
                    HeadCase{.mode = GGML_ROPE_TYPE_NEOX, .has_norm = true},
                    HeadCase{.has_norm = true, .cache = GGML_TYPE_Q8_0},
                    HeadCase{.has_factors = true},
                    HeadCase{.mode = GGML_ROPE_TYPE_NEOX, .yarn = 1, .cache = GGML_TYPE_Q8_0}));

class StoredProducts : public ProductFusion {};

// As for V.
TEST_F(StoredProducts, GoIntoTheCacheAtOnce) {
  for (const std::int64_t rows : {256, 96}) {
    start_over();
    ggml_tensor* x = input(3);
    ggml_tensor* weights = matrix(rows);
    ggml_tensor* product = ggml_mul_mat(context(), weights, x);
    ggml_tensor* cache =
        input_of(GGML_TYPE_F16, {rows, 8}, Bytes(static_cast<std::size_t>(rows) * 16, 0));
    ggml_tensor* indices = input_of(GGML_TYPE_I64, {3}, std::vector<std::int64_t>{6, 0, 3});
    ggml_tensor* stored = ggml_set_rows(context(), cache, product, indices);
    prepare({stored});
    EXPECT_EQ(run(), 1U);
    EXPECT_TRUE(is_skipped(stored));
    const Floats expected = alone(weights);
    std::vector<ggml_fp16_t> halves(static_cast<std::size_t>(rows) * 8);
    ggml_backend_tensor_get(stored, halves.data(), 0, halves.size() * 2);
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
      EXPECT_EQ(halves[6 * static_cast<std::size_t>(rows) + i], ggml_fp32_to_fp16(expected[i]));
      EXPECT_EQ(halves[static_cast<std::size_t>(rows) + i], 0);
    }
  }
}

TEST_F(StoredProducts, AreKeptWhereSomebodyElseReadsThem) {
  ggml_tensor* x = input(1);
  ggml_tensor* weights = matrix(64);
  ggml_tensor* product = ggml_mul_mat(context(), weights, x);
  ggml_tensor* cache = input_of(GGML_TYPE_F16, {64, 2}, Bytes(256, 0));
  ggml_tensor* indices = input_of(GGML_TYPE_I64, {1}, std::vector<std::int64_t>{1});
  ggml_tensor* stored = ggml_set_rows(context(), cache, product, indices);
  ggml_tensor* reader = ggml_scale(context(), product, 2);
  prepare({stored, reader});
  run();
  EXPECT_FALSE(is_skipped(stored));
  EXPECT_EQ(read_floats(reader), doubled(alone(weights)));
}

}  // namespace
}  // namespace shimmy::kernels
