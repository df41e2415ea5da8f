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
  static void attend_keys(const AttentionHead& head, const AttentionRow* rows,
                          std::size_t row_count, const std::uint32_t* visible, std::size_t count,
                          float* scratch, float* parts) {
    switch (row_count) {
      case 4: return attend_group<4>(head, rows, visible, count, scratch, parts);
      case 3: return attend_group<3>(head, rows, visible, count, scratch, parts);
      case 2: return attend_group<2>(head, rows, visible, count, scratch, parts);
      default: return attend_group<1>(head, rows, visible, count, scratch, parts);
    }
  }

  static void join_parts(const AttentionRow& row, std::size_t value_size, const float* parts,
                         std::size_t apart, std::size_t count) {
    float maximum = row.has_sink ? row.sink : kNoScore;
    for (std::size_t i = 0; i < count; ++i) {
      if (parts[i * apart] > maximum) maximum = parts[i * apart];
    }
    float total = row.has_sink ? power(row.sink - maximum) : 0;
    float factors[kMostParts];
    for (std::size_t i = 0; i < count; ++i) {
      factors[i] = power(parts[i * apart] - maximum);
      total += factors[i] * parts[i * apart + 1];
    }
    const Floats share = V::floats(total == 0 ? 0 : 1 / total);
    for (std::size_t d = 0; d < value_size; d += kLanes) {
      Floats sum = V::floats(0);
      const float* values = parts + kPartValues + d;
      for (std::size_t i = 0; i < count; ++i, values += apart)
        sum = V::fused(V::floats(factors[i]), V::load(values), sum);
      V::store(row.result + d, V::multiply(sum, share));
    }
  }

 private:
  using Floats = typename V::Floats;
  static constexpr std::size_t kLanes = V::kRows;
  static constexpr std::size_t kPrefetchedKeys = 16;
  static constexpr float kNoScore = -1e30F;

  static float power(float x) {
    float lanes[kLanes];
    V::store(lanes, power_of_two<V>(V::floats(x)));
    return lanes[0];
  }

  template <int kHeads>
  static void attend_group(const AttentionHead& head, const AttentionRow* rows,
                           const std::uint32_t* visible, std::size_t count, float* scratch,
                           float* parts) {
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
    for (std::size_t g = 0; g < kHeads; ++g) {
      if (rows[g].cap != 0) cap_scores<V>(rows[g].cap, scores + g * padded, count);
      add_mask(rows[g], visible, scores + g * padded, count);
      for (std::size_t i = count; i < padded; ++i) scores[g * padded + i] = kNoScore;
      weigh(scores + g * padded, padded, parts + g * part_floats(head));
    }
    const Weights weights{scores, padded, parts + kPartValues, part_floats(head)};
    with_cache<V>(head.value_type, [&]<class Cache>(Cache) {
      std::size_t d = 0;
      for (; d + kWide * kLanes <= head.value_size; d += kWide * kLanes)
        sum_values<kHeads, kWide, Cache>(head, visible, count, weights, d);
      for (; d < head.value_size; d += kLanes)
        sum_values<kHeads, 1, Cache>(head, visible, count, weights, d);
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

  // Turns scores into weights; their largest and the sum of the weights begin the part.
  static void weigh(float* scores, std::size_t padded, float* part) {
    Floats most = V::floats(kNoScore);
    for (std::size_t i = 0; i < padded; i += kLanes) most = V::larger(V::load(scores + i), most);
    part[0] = V::largest_lane(most);
    const Floats maximum = V::floats(part[0]);
    Floats sum = V::floats(0);
    for (std::size_t i = 0; i < padded; i += kLanes) {
      const Floats weight = power_of_two<V>(V::subtract(V::load(scores + i), maximum));
      sum = V::fused(weight, V::floats(1), sum);
      V::store(scores + i, weight);
    }
    part[1] = V::sum_lanes(sum);
  }

  static constexpr int kWide = V::kRegisters == 32 ? 4 : 2;

  struct Weights {
    const float* of_head;  // of each visible key
    std::size_t stride;    // from head to head
    float* sums;           // of the weighted values of the first head
    std::size_t apart;     // from head to head
  };

  // kVectors of the results from value d on, which is a multiple of as many values.
  template <int kHeads, int kVectors, class Cache>
  static void sum_values(const AttentionHead& head, const std::uint32_t* visible, std::size_t count,
                         const Weights& weights, std::size_t d) {
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
      for (int v = 0; v < kVectors; ++v)
        V::store(weights.sums + g * weights.apart + d + v * V::kRows, sums[g][v]);
    }
  }

  static void prefetch(const std::uint8_t* from, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(from + i, 0, 3);
  }
};

template <class V, class Words = FloatWords<V>>
constexpr AttentionKernels make_attention_kernels() {
  return {MaskReader<V>::read, MaskReader<V>::count_common, RowAttention<V, Words>::attend,
          QueryAttention<V>::attend_keys, QueryAttention<V>::join_parts};
}

}  // namespace shimmy::kernels
