#include "kernels/attention.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "kernels/ggml_hook.h"
#include "kernels/graph_fixture.h"

namespace shimmy::kernels {
namespace {

struct AttentionCase {
  std::int64_t head_size = 64;
  std::int64_t queries = 1;
  std::int64_t heads = 6;
  std::int64_t kv_heads = 2;
  std::int64_t keys = 100;
  std::int64_t streams = 1;
  float max_bias = 0;
  bool has_sinks = false;
  float cap = 0;
  ggml_type key_type = GGML_TYPE_F16;
  ggml_type value_type = GGML_TYPE_F16;
  std::string mask = "causal";  // or as is_seen() knows them, or "none"

  Floats q, k, v, seen, sinks;  // k, v and seen as 32-bit floats that their types hold exactly
};

Bytes stored(ggml_type type, const Floats& floats) {
  const auto count = static_cast<std::int64_t>(floats.size());
  Bytes result(ggml_row_size(type, count));
  ggml_quantize_chunk(type, floats.data(), result.data(), 0, 1, count, nullptr);
  return result;
}

Floats random_cache(ggml_type type, std::int64_t count, Random& random) {
  Floats floats = random_floats(static_cast<std::size_t>(count), random);
  ggml_get_type_traits(type)->to_float(stored(type, floats).data(), floats.data(), count);
  return floats;
}

bool is_seen(const AttentionCase& of, std::int64_t query, std::int64_t key, Random& random) {
  if (of.mask == "causal") return key <= of.keys - of.queries + query;
  if (of.mask == "scattered") return random() % 8 == 0 || key == query;
  if (of.mask == "streams") return key % of.queries == query;
  if (of.mask == "mixed") {
    if (query < 16) return key < 400 && key % 16 == query;
    return key >= 400 && key - 400 <= query - 16;
  }
  return of.mask != "nothing";
}

AttentionCase random_case(AttentionCase of, Random& random) {
  of.q = random_floats(static_cast<std::size_t>(of.head_size * of.queries * of.heads * of.streams),
                       random);
  of.k = random_cache(of.key_type, of.head_size * of.keys * of.kv_heads * of.streams, random);
  of.v = random_cache(of.value_type, of.head_size * of.keys * of.kv_heads * of.streams, random);
  of.sinks = random_floats(static_cast<std::size_t>(of.heads), random);
  for (std::int64_t stream = 0; stream < of.streams; ++stream) {
    for (std::int64_t query = 0; query < of.queries; ++query) {
      for (std::int64_t key = 0; key < of.keys; ++key) {
        const float added = of.max_bias > 0 ? -static_cast<float>(key % 16) : 0.0F;
        of.seen.push_back(
            is_seen(of, query, key, random) ? added : -std::numeric_limits<float>::infinity());
      }
    }
  }
  return of;
}

struct Computed {
  Floats result;
  std::uint64_t ours = 0;     // attention ops that our kernels took
  std::uint64_t refused = 0;  // or left to ggml
};

Computed compute_attention(const AttentionCase& of, bool with_ours, int threads) {
  TensorSet set(ggml_backend_cpu_buffer_type());
  ggml_tensor* q = set.add(GGML_TYPE_F32, {of.head_size, of.queries, of.heads, of.streams});
  ggml_tensor* k = set.add(of.key_type, {of.head_size, of.keys, of.kv_heads, of.streams});
  ggml_tensor* v = set.add(of.value_type, {of.head_size, of.keys, of.kv_heads, of.streams});
  ggml_tensor* mask =
      of.mask == "none" ? nullptr : set.add(GGML_TYPE_F16, {of.keys, of.queries, 1, of.streams});
  ggml_tensor* sinks = of.has_sinks ? set.add(GGML_TYPE_F32, {of.heads}) : nullptr;
  ggml_tensor* result =
      ggml_flash_attn_ext(set.context(), q, k, v, mask, 0.125F, of.max_bias, of.cap);
  ggml_flash_attn_ext_add_sinks(result, sinks);
  set.allocate();
  fill(q, of.q.data());
  fill(k, stored(of.key_type, of.k).data());
  fill(v, stored(of.value_type, of.v).data());
  if (mask != nullptr) fill(mask, stored(GGML_TYPE_F16, of.seen).data());
  if (sinks != nullptr) fill(sinks, of.sinks.data());
  use_attention(with_ours);
  const Usage before = hook_usage();
  EXPECT_TRUE(compute(result, set, threads));
  use_attention(true);
  const Usage after = hook_usage();
  return {read_floats(result), after.attentions - before.attentions,
          after.refused_attentions - before.refused_attentions};
}

double slope(const AttentionCase& of, std::int64_t head) {
  if (of.max_bias <= 0) return 1;
  const std::int64_t whole = std::int64_t{1} << static_cast<int>(std::log2(of.heads));
  if (head < whole) return std::pow(std::exp2(-of.max_bias / static_cast<double>(whole)), head + 1);
  return std::pow(std::exp2(-of.max_bias / 2 / static_cast<double>(whole)), 2 * (head - whole) + 1);
}

double score(const AttentionCase& of, const float* q, const float* k) {
  double sum = 0;
  for (std::int64_t d = 0; d < of.head_size; ++d) sum += static_cast<double>(q[d]) * k[d];
  sum *= 0.125;
  return of.cap == 0 ? sum : of.cap * std::tanh(sum / of.cap);
}

// One query of one head: `q`, and the keys and values of its stream and KV head.
void append_exact(const AttentionCase& of, std::int64_t head, const float* seen, const float* q,
                  std::int64_t kv, std::vector<double>& result) {
  const double sink = of.sinks[static_cast<std::size_t>(head)];
  std::vector<double> weights;
  double most = of.has_sinks ? sink : -1e300;
  for (std::int64_t key = 0; key < of.keys; ++key) {
    const double added = seen == nullptr ? 0 : slope(of, head) * seen[key];
    weights.push_back(score(of, q, of.k.data() + kv + key * of.head_size) + added);
    most = std::max(most, weights.back());
  }
  double sum = of.has_sinks ? std::exp(sink - most) : 0;
  for (double& weight : weights) sum += weight = std::exp(weight - most);
  for (std::int64_t d = 0; d < of.head_size; ++d) {
    double value = 0;
    for (std::int64_t key = 0; key < of.keys; ++key) {
      value += weights[static_cast<std::size_t>(key)] *
               of.v[static_cast<std::size_t>(kv + key * of.head_size + d)];
    }
    result.push_back(sum > 0 ? value / sum : 0);
  }
}

// In the order of the result: heads of a query after one another.
std::vector<double> exact_attention(const AttentionCase& of) {
  std::vector<double> result;
  for (std::int64_t stream = 0; stream < of.streams; ++stream) {
    for (std::int64_t query = 0; query < of.queries; ++query) {
      const float* seen = of.seen.data() + (stream * of.queries + query) * of.keys;
      for (std::int64_t head = 0; head < of.heads; ++head) {
        const std::int64_t kv_head = stream * of.kv_heads + head / (of.heads / of.kv_heads);
        append_exact(of, head, of.mask == "none" ? nullptr : seen,
                     of.q.data() + ((stream * of.heads + head) * of.queries + query) * of.head_size,
                     kv_head * of.keys * of.head_size, result);
      }
    }
  }
  return result;
}

class Attention : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(hook_into_ggml(supported_levels().back(), {})); }
  void TearDown() override { use_level(supported_levels().back()); }

  void expect_no_worse_than_ggml(const AttentionCase& shape) {
    const AttentionCase of = random_case(shape, random_);
    const std::vector<double> exact = exact_attention(of);
    const double error_of_ggml = error_of(compute_attention(of, false, 2).result, exact);
    const double size = error_of(Floats(exact.size()), exact);
    for (const CpuLevel level : supported_levels()) {
      use_level(level);
      const Computed ours = compute_attention(of, true, 2);
      EXPECT_EQ(ours.ours, 1U);
      // That level rounds the operands of prompts to eight binary places.
      const double rounding = rounds_to_bfloats(level) ? size / 128 : 1e-6;
      EXPECT_LE(error_of(ours.result, exact), error_of_ggml + rounding) << name(level);
    }
  }

  Random random_{21};
};

TEST_F(Attention, OfAStepIsNoLessExactThanGgmls) {
  for (const std::int64_t queries : {1, 3, 7})
    expect_no_worse_than_ggml({.queries = queries, .keys = 130});
  expect_no_worse_than_ggml({.head_size = 128, .heads = 5, .kv_heads = 1, .keys = 77});
  expect_no_worse_than_ggml({.head_size = 80, .heads = 4, .kv_heads = 4, .keys = 16});
  // More keys than the shortest parts hold.
  expect_no_worse_than_ggml({.queries = 3, .kv_heads = 1, .keys = 2500, .has_sinks = true});
}

TEST_F(Attention, OfAPromptIsNoLessExactThanGgmls) {
  for (const std::int64_t queries : {8, 33, 150})
    expect_no_worse_than_ggml({.queries = queries, .keys = 150});
  expect_no_worse_than_ggml(
      {.head_size = 128, .queries = 64, .heads = 7, .kv_heads = 1, .keys = 200});
  expect_no_worse_than_ggml(
      {.head_size = 96, .queries = 40, .heads = 2, .kv_heads = 2, .keys = 64});
}

TEST_F(Attention, KeepsStreamsApart) {
  expect_no_worse_than_ggml({.queries = 1, .keys = 70, .streams = 4});
  expect_no_worse_than_ggml({.queries = 20, .keys = 70, .streams = 3});
}

TEST_F(Attention, SeesOnlyTheKeysOfItsMask) {
  expect_no_worse_than_ggml({.queries = 1, .keys = 300, .mask = "scattered"});
  expect_no_worse_than_ggml({.queries = 30, .keys = 300, .mask = "scattered"});
  expect_no_worse_than_ggml({.queries = 1, .keys = 65, .mask = "none"});
  expect_no_worse_than_ggml({.queries = 30, .keys = 65, .mask = "none"});
}

TEST_F(Attention, KnowsAlibiAndSinks) {
  for (const std::int64_t queries : {1, 30}) {
    expect_no_worse_than_ggml({.queries = queries, .keys = 90, .max_bias = 8});
    expect_no_worse_than_ggml({.queries = queries, .keys = 90, .has_sinks = true});
  }
}

TEST_F(Attention, OfCappedScoresIsNoLessExactThanGgmls) {
  for (const float cap : {2.0F, 50.0F}) {
    for (const std::int64_t queries : {1, 3, 30})
      expect_no_worse_than_ggml({.queries = queries, .keys = 130, .cap = cap});
    expect_no_worse_than_ggml({.head_size = 128, .queries = 20, .max_bias = 8, .cap = cap});
  }
}

TEST_F(Attention, OfACacheOfBytesIsNoLessExactThanGgmls) {
  for (const ggml_type keys : {GGML_TYPE_F16, GGML_TYPE_Q8_0}) {
    for (const ggml_type values : {GGML_TYPE_F16, GGML_TYPE_Q8_0}) {
      for (const std::int64_t queries : {1, 3, 40}) {
        expect_no_worse_than_ggml(
            {.queries = queries, .keys = 150, .key_type = keys, .value_type = values});
        expect_no_worse_than_ggml({.head_size = 96,
                                   .queries = queries,
                                   .heads = 5,
                                   .kv_heads = 1,
                                   .keys = 300,
                                   .cap = 30,
                                   .key_type = keys,
                                   .value_type = values,
                                   .mask = "scattered"});
      }
    }
  }
}

TEST_F(Attention, OfAQueryThatSeesNothingIsZero) {
  for (const std::int64_t queries : {1, 30}) {
    const AttentionCase of = random_case({.queries = queries, .mask = "nothing"}, random_);
    for (const float value : compute_attention(of, true, 2).result) ASSERT_EQ(value, 0.0F);
  }
}

TEST_F(Attention, IsTheSameForAnyNumberOfThreads) {
  for (const std::int64_t queries : {1, 5, 100}) {
    for (const ggml_type type : {GGML_TYPE_F16, GGML_TYPE_Q8_0}) {
      const AttentionCase of = random_case({.queries = queries,
                                            .keys = 150,
                                            .streams = 2,
                                            .cap = 30,
                                            .key_type = type,
                                            .value_type = type},
                                           random_);
      const Floats one = compute_attention(of, true, 1).result;
      for (const int threads : {1, 2, 3})
        EXPECT_EQ(compute_attention(of, true, threads).result, one);
    }
  }
}

TEST_F(Attention, OfAStepWithManyKeysIsTheSameForAnyNumberOfThreads) {
  for (const std::int64_t keys : {2040, 2500}) {
    const AttentionCase of = random_case(
        {.queries = 2, .heads = 10, .kv_heads = 2, .keys = keys, .has_sinks = true}, random_);
    const Floats one = compute_attention(of, true, 1).result;
    for (const int threads : {2, 3, 5}) EXPECT_EQ(compute_attention(of, true, threads).result, one);
  }
}

// The same step alone and beside those of other streams in one cache.
TEST_F(Attention, OfAStepIsTheSameAloneAndInABatch) {
  for (const ggml_type type : {GGML_TYPE_F16, GGML_TYPE_Q8_0}) {
    const AttentionCase batch = random_case({.queries = 16,
                                             .heads = 10,
                                             .keys = 3000,
                                             .cap = 30,
                                             .key_type = type,
                                             .value_type = type,
                                             .mask = "streams"},
                                            random_);
    const Floats together = compute_attention(batch, true, 2).result;
    for (const std::int64_t query : {0, 7, 15}) {
      AttentionCase alone = batch;
      alone.queries = 1;
      alone.q.clear();
      for (std::int64_t head = 0; head < batch.heads; ++head) {
        const auto from = batch.q.begin() + (head * batch.queries + query) * batch.head_size;
        alone.q.insert(alone.q.end(), from, from + batch.head_size);
      }
      const auto seen = batch.seen.begin() + query * batch.keys;
      alone.seen.assign(seen, seen + batch.keys);
      const auto expected = together.begin() + query * batch.heads * batch.head_size;
      EXPECT_EQ(compute_attention(alone, true, 2).result,
                Floats(expected, expected + batch.heads * batch.head_size))
          << ggml_type_name(type) << ' ' << query;
    }
  }
}

TEST_F(Attention, OfAStepIsSpoiltOnlyByBadKeysThatItSees) {
  AttentionCase of = random_case({.queries = 2, .heads = 1, .kv_heads = 1, .keys = 10}, random_);
  of.k.at(9 * 64) = std::numeric_limits<float>::quiet_NaN();
  const Floats result = compute_attention(of, true, 2).result;
  EXPECT_TRUE(std::isfinite(result.at(0)));
  EXPECT_TRUE(std::isnan(result.at(64)));
}

TEST_F(Attention, LeavesOtherCachesToGgml) {
  TensorSet set(ggml_backend_cpu_buffer_type());
  const auto reason = [&](ggml_type keys, ggml_type values, std::int64_t size) {
    ggml_tensor* q = set.add(GGML_TYPE_F32, {size, 1, 2});
    return reason_against_attention(
        *ggml_flash_attn_ext(set.context(), q, set.add(keys, {size, 32, 2}),
                             set.add(values, {size, 32, 2}), nullptr, 1, 0, 0));
  };
  EXPECT_EQ(reason(GGML_TYPE_F16, GGML_TYPE_F16, 48), "");
  EXPECT_EQ(reason(GGML_TYPE_F16, GGML_TYPE_Q8_0, 64), "");
  EXPECT_NE(reason(GGML_TYPE_F16, GGML_TYPE_F16, 40), "");
  EXPECT_NE(reason(GGML_TYPE_Q4_0, GGML_TYPE_F16, 64), "");
  EXPECT_NE(reason(GGML_TYPE_F16, GGML_TYPE_F32, 64), "");
}

TEST_F(Attention, CountsWhatItLeavesToGgml) {
  const AttentionCase of = random_case(
      {.queries = 20, .keys = 70, .key_type = GGML_TYPE_Q4_0, .value_type = GGML_TYPE_Q4_0},
      random_);
  const Computed result = compute_attention(of, true, 2);
  EXPECT_EQ(result.ours, 0U);
  EXPECT_EQ(result.refused, 1U);
  EXPECT_EQ(result.result, compute_attention(of, false, 2).result);
}

// Sixteen streams take a step while one reads a prompt, in one cache.
TEST_F(Attention, OfABatchOfStepsAndAPromptIsNoLessExactThanGgmls) {
  expect_no_worse_than_ggml({.queries = 16, .keys = 500, .mask = "streams"});
  expect_no_worse_than_ggml({.queries = 40, .keys = 500, .mask = "mixed"});
}

TEST_F(Attention, OfABatchOfStepsAndAPromptIsTheSameForAnyNumberOfThreads) {
  const AttentionCase of = random_case({.queries = 40, .keys = 500, .mask = "mixed"}, random_);
  const Floats one = compute_attention(of, true, 1).result;
  for (const int threads : {2, 3, 4}) EXPECT_EQ(compute_attention(of, true, threads).result, one);
}

}  // namespace
}  // namespace shimmy::kernels
