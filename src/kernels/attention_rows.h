// Attention of many rows, as prompts have them: keys in blocks of 64, each block unpacked once for
// all rows, blocks that no row sees skipped, and a running maximum and sum for each row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "kernels/attention_cache.h"
#include "kernels/attention_kernels.h"
#include "kernels/attention_math.h"

namespace shimmy::kernels {

template <class V, class Words>
class RowAttention {
 public:
  static void attend(const AttentionHead& head, const AttentionRow* rows, std::size_t count,
                     float* scratch) {
    RowAttention(head, rows, count, scratch).run();
  }

 private:
  using Floats = typename V::Floats;
  static constexpr std::size_t kLanes = V::kRows;
  static constexpr float kNoScore = -1e30F;
  static constexpr float kUnseen = -std::numeric_limits<float>::infinity();

  RowAttention(const AttentionHead& head, const AttentionRow* rows, std::size_t count,
               float* scratch)
      : head_(head),
        rows_(rows),
        count_(count),
        padded_((count + kRowsOfTile - 1) / kRowsOfTile * kRowsOfTile),
        key_words_(head.key_size / Words::kValues) {
    queries_ = scratch;
    results_ = queries_ + padded_ * key_words_;
    maxima_ = results_ + padded_ * head.value_size;
    sums_ = maxima_ + padded_;
    keys_ = sums_ + padded_;
    values_ = keys_ + kKeysOfBlock * key_words_;
    scores_ = values_ + kKeysOfBlock / Words::kValues * head.value_size;
    weights_ = Words::kValues == 1 ? scores_ : scores_ + kRowsOfTile * kKeysOfBlock;
  }

  void run() {
    start();
    for (std::size_t first = 0; first < head_.count; first += kKeysOfBlock) {
      if (sight(first, 0, count_) == 0) continue;
      unpack(first);
      for (std::size_t row = 0; row < count_; row += kRowsOfTile) {
        if (sight(first, row, kRowsOfTile) != 0) attend_tile(row, first);
      }
    }
    finish();
  }

  void start() {
    std::memset(queries_, 0, padded_ * key_words_ * sizeof(float));
    std::memset(results_, 0, padded_ * head_.value_size * sizeof(float));
    for (std::size_t row = 0; row < padded_; ++row) {
      maxima_[row] = kNoScore;
      sums_[row] = 0;
      if (row >= count_) continue;
      const AttentionRow& of = rows_[row];
      Words::pack(of.query, of.score_factor, queries_ + row * key_words_, head_.key_size);
      if (!of.has_sink) continue;
      maxima_[row] = of.sink;
      sums_[row] = 1;
    }
  }

  std::size_t keys_of(std::size_t first) const {
    return head_.count - first < kKeysOfBlock ? head_.count - first : kKeysOfBlock;
  }

  // Keys of a block that one of the rows sees.
  std::uint64_t sight(std::size_t first, std::size_t row, std::size_t rows) const {
    std::uint64_t seen = 0;
    const std::size_t end = row + rows < count_ ? row + rows : count_;
    for (; row < end; ++row) seen |= rows_[row].sight[first / kKeysOfBlock];
    return seen;
  }

  void unpack(std::size_t first) {
    with_cache<V>(head_.key_type, [&]<class Cache>(Cache) { unpack_keys<Cache>(first); });
    with_cache<V>(head_.value_type, [&]<class Cache>(Cache) { unpack_values<Cache>(first); });
  }

  // Keys become columns, so that a vector holds the same values of several keys.
  template <class Cache>
  void unpack_keys(std::size_t first) {
    const std::size_t keys = keys_of(first);
    for (std::size_t key = 0; key < kKeysOfBlock; ++key) {
      const std::uint8_t* from = head_.keys + (first + key) * head_.key_stride;
      for (std::size_t d = 0; d < head_.key_size; d += kLanes) {
        float words[kLanes] = {};
        if (key < keys) Words::pack(load_cached<V, Cache>(from, d), words);
        float* const to = keys_ + d / Words::kValues * kKeysOfBlock + key;
        for (std::size_t i = 0; i < kLanes / Words::kValues; ++i) to[i * kKeysOfBlock] = words[i];
      }
    }
  }

  template <class Cache>
  void unpack_values(std::size_t first) {
    const std::size_t keys = keys_of(first);
    for (std::size_t key = 0; key < kKeysOfBlock; key += Words::kValues) {
      const std::uint8_t* const from = head_.values + (first + key) * head_.value_stride;
      float* const to = values_ + key / Words::kValues * head_.value_size;
      for (std::size_t d = 0; d < head_.value_size; d += kLanes) {
        Floats rows[Words::kValues];
        for (std::size_t i = 0; i < Words::kValues; ++i) {
          rows[i] = key + i < keys ? load_cached<V, Cache>(from + i * head_.value_stride, d)
                                   : V::floats(0);
        }
        Words::pack_across(rows, to + d);
      }
    }
  }

  void attend_tile(std::size_t row, std::size_t first) {
    constexpr std::size_t kWeightWords = kKeysOfBlock / Words::kValues;
    std::memset(scores_, 0, kRowsOfTile * kKeysOfBlock * sizeof(float));
    add_product<V, Words>({queries_ + row * key_words_, key_words_, keys_, kKeysOfBlock, scores_,
                           kKeysOfBlock, key_words_},
                          kKeysOfBlock);
    for (std::size_t r = 0; r < kRowsOfTile; ++r) {
      float* const scores = scores_ + r * kKeysOfBlock;
      weigh(row + r, first, scores);
      if (Words::kValues > 1) Words::pack(scores, 1, weights_ + r * kWeightWords, kKeysOfBlock);
    }
    add_product<V, Words>({weights_, kWeightWords, values_, head_.value_size,
                           results_ + row * head_.value_size, head_.value_size, kWeightWords},
                          head_.value_size);
  }

  // Turns scores into weights and brings what was summed so far to the new maximum.
  void weigh(std::size_t row, std::size_t first, float* scores) {
    if (row < count_) {
      if (rows_[row].cap != 0) cap_scores<V>(rows_[row].cap, scores, kKeysOfBlock);
      add_mask(rows_[row], first, scores);
    }
    Floats most = V::load(scores);
    for (std::size_t i = kLanes; i < kKeysOfBlock; i += kLanes)
      most = V::larger(V::load(scores + i), most);
    const float maximum = V::largest_lane(most);
    if (maximum > maxima_[row]) rescale(row, maximum);
    Floats sum = V::floats(0);
    for (std::size_t i = 0; i < kKeysOfBlock; i += kLanes) {
      const Floats weight =
          power_of_two<V>(V::subtract(V::load(scores + i), V::floats(maxima_[row])));
      sum = V::fused(weight, V::floats(1), sum);
      V::store(scores + i, weight);
    }
    sums_[row] += V::sum_lanes(sum);
  }

  void add_mask(const AttentionRow& row, std::size_t first, float* scores) const {
    if (row.mask != nullptr) add_weights(row, first, scores);
    const std::uint64_t seen = row.sight[first / kKeysOfBlock];
    if (seen == ~std::uint64_t{0}) return;
    for (std::size_t i = 0; i < kKeysOfBlock; i += kLanes) {
      V::store(scores + i, V::where(static_cast<std::uint32_t>(seen >> i), V::load(scores + i),
                                    V::floats(kUnseen)));
    }
  }

  void add_weights(const AttentionRow& row, std::size_t first, float* scores) const {
    std::uint16_t padded[kKeysOfBlock] = {};
    const std::uint16_t* mask = row.mask + first;
    if (keys_of(first) < kKeysOfBlock) {
      std::memcpy(padded, mask, 2 * keys_of(first));
      mask = padded;
    }
    for (std::size_t i = 0; i < kKeysOfBlock; i += kLanes) {
      const Floats added = V::load_halves(reinterpret_cast<const std::uint8_t*>(mask + i));
      V::store(scores + i, V::fused(added, V::floats(row.mask_factor), V::load(scores + i)));
    }
  }

  void rescale(std::size_t row, float maximum) {
    const Floats factor = power_of_two<V>(V::floats(maxima_[row] - maximum));
    float lanes[kLanes];
    V::store(lanes, factor);
    sums_[row] *= lanes[0];
    maxima_[row] = maximum;
    scale(results_ + row * head_.value_size, results_ + row * head_.value_size, factor);
  }

  void scale(float* to, const float* from, Floats factor) const {
    for (std::size_t d = 0; d < head_.value_size; d += kLanes) {
      V::store(to + d, V::multiply(V::load(from + d), factor));
    }
  }

  void finish() const {
    for (std::size_t row = 0; row < count_; ++row) {
      // A query that sees nothing has a result of zeros.
      const float factor = sums_[row] == 0 ? 0 : 1 / sums_[row];
      scale(rows_[row].result, results_ + row * head_.value_size, V::floats(factor));
    }
  }

  const AttentionHead& head_;
  const AttentionRow* rows_;
  std::size_t count_;
  std::size_t padded_;
  std::size_t key_words_;
  float* queries_;
  float* results_;
  float* maxima_;
  float* sums_;
  float* keys_;     // [words of key_size][64]
  float* values_;   // [words of 64][value_size]
  float* scores_;   // [6][64]
  float* weights_;  // [6][words of 64]
};

}  // namespace shimmy::kernels
