// Attention of one query, as decoding has them: the heads that share keys read them together, and
// only the keys that the query sees are touched.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/attention_cache.h"
#include "kernels/attention_kernels.h"
#include "kernels/attention_mask.h"
#include "kernels/attention_math.h"
#include "kernels/attention_rows.h"
#include "kernels/attention_words.h"
#include "kernels/half.h"

namespace shimmy::kernels {

template <class V>
class QueryAttention {
 public:
  static void attend(const AttentionHead& head, const AttentionRow* rows, std::size_t count,
                     std::uint32_t* visible, std::size_t visible_count, float* scratch) {
    // What is read beyond the last key, to be ignored, is a key as well.
    for (std::size_t i = 0; i < kKeysOfBlock; ++i)
      visible[visible_count + i] = visible_count == 0 ? 0 : visible[visible_count - 1];
    std::size_t row = 0;
    for (; row + 4 <= count; row += 4)
      attend_group<4>(head, rows + row, visible, visible_count, scratch);
    switch (count - row) {
      case 3: return attend_group<3>(head, rows + row, visible, visible_count, scratch);
      case 2: return attend_group<2>(head, rows + row, visible, visible_count, scratch);
      case 1: return attend_group<1>(head, rows + row, visible, visible_count, scratch);
      default: return;
    }
  }

 private:
  using Floats = typename V::Floats;
  static constexpr std::size_t kLanes = V::kRows;
  static constexpr std::size_t kPrefetchedKeys = 16;

  template <int kHeads>
  static void attend_group(const AttentionHead& head, const AttentionRow* rows,
                           const std::uint32_t* visible, std::size_t count, float* scratch) {
    const std::size_t padded = (count + 15) / 16 * 16;
    float* queries = scratch;
    float* scores = queries + kHeads * head.key_size;
    for (std::size_t g = 0; g < kHeads; ++g) {
      for (std::size_t d = 0; d < head.key_size; ++d) {
        queries[g * head.key_size + d] = rows[g].query[d] * rows[g].score_factor;
      }
    }
    with_cache<V>(head.key_type, [&]<class Cache>(Cache) {
      for (std::size_t i = 0; i < count; i += kLanes)
        score<kHeads, Cache>(head, visible + i, queries, scores + i, padded);
    });
    float factors[kHeads];
    for (std::size_t g = 0; g < kHeads; ++g) {
      if (rows[g].cap != 0) cap_scores<V>(rows[g].cap, scores + g * padded, count);
      add_mask(rows[g], visible, scores + g * padded, count);
      for (std::size_t i = count; i < padded; ++i) scores[g * padded + i] = -1e30F;
      factors[g] = weigh(rows[g], scores + g * padded, count, padded);
    }
    const Weights weights{scores, padded, factors};
    with_cache<V>(head.value_type, [&]<class Cache>(Cache) {
      std::size_t d = 0;
      for (; d + kWide * kLanes <= head.value_size; d += kWide * kLanes)
        sum_values<kHeads, kWide, Cache>(head, rows, visible, count, weights, d);
      for (; d < head.value_size; d += kLanes)
        sum_values<kHeads, 1, Cache>(head, rows, visible, count, weights, d);
    });
  }

  // Of as many keys as a vector has lanes.
  template <int kHeads, class Cache>
  static void score(const AttentionHead& head, const std::uint32_t* visible, const float* queries,
                    float* scores, std::size_t padded) {
    Floats sums[kHeads][kLanes];
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::uint8_t* from = head.keys + visible[i] * head.key_stride;
      prefetch(head.keys + visible[i + kPrefetchedKeys] * head.key_stride,
               head.key_size / Cache::kValues * Cache::kBytes);
      Floats sum[kHeads];
      for (int g = 0; g < kHeads; ++g) sum[g] = V::floats(0);
      for (std::size_t d = 0; d < head.key_size; d += Cache::kValues, from += Cache::kBytes) {
        const auto scale = Cache::scale(from);
        for (std::size_t j = 0; j < Cache::kValues; j += kLanes) {
          const Floats values = Cache::load(from, j, scale);
          for (std::size_t g = 0; g < kHeads; ++g)
            sum[g] = V::fused(values, V::load(queries + g * head.key_size + d + j), sum[g]);
        }
      }
      for (int g = 0; g < kHeads; ++g) sums[g][i] = sum[g];
    }
    for (std::size_t g = 0; g < kHeads; ++g) V::store(scores + g * padded, V::sum_each(sums[g]));
  }

  static void add_mask(const AttentionRow& row, const std::uint32_t* visible, float* scores,
                       std::size_t count) {
    if (row.mask == nullptr) return;
    for (std::size_t i = 0; i < count; ++i)
      scores[i] += half_to_float(row.mask[visible[i]]) * row.mask_factor;
  }

  // Turns scores into weights; returns what brings their sum to one.
  static float weigh(const AttentionRow& row, float* scores, std::size_t count,
                     std::size_t padded) {
    if (count == 0) return 0;
    Floats most = V::floats(row.has_sink ? row.sink : -1e30F);
    for (std::size_t i = 0; i < padded; i += kLanes) most = V::larger(V::load(scores + i), most);
    const Floats maximum = V::floats(V::largest_lane(most));
    Floats sum = V::floats(0);
    for (std::size_t i = 0; i < padded; i += kLanes) {
      const Floats weight = power_of_two<V>(V::subtract(V::load(scores + i), maximum));
      sum = V::fused(weight, V::floats(1), sum);
      V::store(scores + i, weight);
    }
    float total = V::sum_lanes(sum);
    if (row.has_sink) {
      float lanes[kLanes];
      V::store(lanes, power_of_two<V>(V::subtract(V::floats(row.sink), maximum)));
      total += lanes[0];
    }
    return 1 / total;
  }

  static constexpr int kWide = V::kRegisters == 32 ? 4 : 2;

  struct Weights {
    const float* of_head;  // of each visible key
    std::size_t stride;    // from head to head
    const float* factors;  // for each head, what brings their sum to one
  };

  // kVectors of the results from value d on, which is a multiple of as many values.
  template <int kHeads, int kVectors, class Cache>
  static void sum_values(const AttentionHead& head, const AttentionRow* rows,
                         const std::uint32_t* visible, std::size_t count, const Weights& weights,
                         std::size_t d) {
    // In a block: the vectors lie in one, or fill some.
    const std::size_t first = d % Cache::kValues;
    const std::uint8_t* const values = head.values + d / Cache::kValues * Cache::kBytes;
    Floats sums[kHeads][kVectors];
    for (auto& of_head : sums) {
      for (Floats& sum : of_head) sum = V::floats(0);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint8_t* from = values + visible[i] * head.value_stride;
      prefetch(values + visible[i + kPrefetchedKeys] * head.value_stride,
               kVectors * kLanes * Cache::kBytes / Cache::kValues);
      Floats weight[kHeads];
      for (std::size_t g = 0; g < kHeads; ++g)
        weight[g] = V::floats(weights.of_head[g * weights.stride + i]);
      typename Cache::Scale scale;
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) {
        const std::size_t at = v * kLanes % Cache::kValues;
        const std::uint8_t* const block = from + v * kLanes / Cache::kValues * Cache::kBytes;
        if (at == 0) scale = Cache::scale(block);
        const Floats of_key = Cache::load(block, first + at, scale);
#pragma GCC unroll 4
        for (std::size_t g = 0; g < kHeads; ++g)
          sums[g][v] = V::fused(weight[g], of_key, sums[g][v]);
      }
    }
    for (std::size_t g = 0; g < kHeads; ++g) {
      for (int v = 0; v < kVectors; ++v) {
        V::store(rows[g].result + d + v * V::kRows,
                 V::multiply(sums[g][v], V::floats(weights.factors[g])));
      }
    }
  }

  static void prefetch(const std::uint8_t* from, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(from + i, 0, 3);
  }
};

template <class V, class Words = FloatWords<V>>
constexpr AttentionKernels make_attention_kernels() {
  return {MaskReader<V>::read, MaskReader<V>::count_common, RowAttention<V, Words>::attend,
          QueryAttention<V>::attend};
}

}  // namespace shimmy::kernels
