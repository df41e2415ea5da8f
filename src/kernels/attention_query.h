// Attention of one query, as decoding has them: the heads that share keys read them together, and
// only the keys that the query sees are touched.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/attention_kernels.h"
#include "kernels/attention_math.h"
#include "kernels/attention_rows.h"
#include "kernels/half.h"

namespace shimmy::kernels {

template <class V>
class QueryAttention {
 public:
  static void attend(const AttentionHead& head, const AttentionRow* rows, std::size_t count,
                     const std::uint32_t* visible, std::size_t visible_count, float* scratch) {
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
    score<kHeads>(head, rows, visible, count, queries, scores, padded);
    float factors[kHeads];
    for (std::size_t g = 0; g < kHeads; ++g)
      factors[g] = weigh(rows[g], scores + g * padded, count, padded);
    for (std::size_t d = 0; d < head.value_size; d += kLanes) {
      sum_values<kHeads>(head, rows, visible, count, scores, padded, factors, d);
    }
  }

  template <int kHeads>
  static void score(const AttentionHead& head, const AttentionRow* rows,
                    const std::uint32_t* visible, std::size_t count, const float* queries,
                    float* scores, std::size_t padded) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t key = visible[i];
      const std::uint8_t* from = head.keys + key * head.key_stride;
      prefetch(head.keys, head.key_stride, 2 * head.key_size, visible, i, count);
      Floats sums[kHeads];
      for (int g = 0; g < kHeads; ++g) sums[g] = V::floats(0);
      for (std::size_t d = 0; d < head.key_size; d += kLanes) {
        const Floats values = V::load_halves(from + 2 * d);
        for (std::size_t g = 0; g < kHeads; ++g) {
          sums[g] = V::fused(values, V::load(queries + g * head.key_size + d), sums[g]);
        }
      }
      for (std::size_t g = 0; g < kHeads; ++g) {
        const AttentionRow& row = rows[g];
        const float added =
            row.mask == nullptr ? 0 : half_to_float(row.mask[key]) * row.mask_factor;
        scores[g * padded + i] = V::sum_lanes(sums[g]) + added;
      }
    }
    for (std::size_t g = 0; g < kHeads; ++g) {
      for (std::size_t i = count; i < padded; ++i) scores[g * padded + i] = -1e30F;
    }
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

  template <int kHeads>
  static void sum_values(const AttentionHead& head, const AttentionRow* rows,
                         const std::uint32_t* visible, std::size_t count, const float* weights,
                         std::size_t padded, const float* factors, std::size_t d) {
    Floats sums[kHeads];
    for (int g = 0; g < kHeads; ++g) sums[g] = V::floats(0);
    for (std::size_t i = 0; i < count; ++i) {
      const Floats values = V::load_halves(head.values + visible[i] * head.value_stride + 2 * d);
      if (d == 0) prefetch(head.values, head.value_stride, 2 * head.value_size, visible, i, count);
      for (std::size_t g = 0; g < kHeads; ++g) {
        sums[g] = V::fused(V::floats(weights[g * padded + i]), values, sums[g]);
      }
    }
    for (std::size_t g = 0; g < kHeads; ++g) {
      V::store(rows[g].result + d, V::multiply(sums[g], V::floats(factors[g])));
    }
  }

  static void prefetch(const std::uint8_t* begin, std::size_t stride, std::size_t bytes,
                       const std::uint32_t* visible, std::size_t index, std::size_t count) {
    if (index + kPrefetchedKeys >= count) return;
    const std::uint8_t* at = begin + visible[index + kPrefetchedKeys] * stride;
    for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(at + i, 0, 3);
  }
};

template <class V>
constexpr AttentionKernels make_attention_kernels() {
  return {RowAttention<V>::attend, QueryAttention<V>::attend};
}

}  // namespace shimmy::kernels
