// Attention of many rows, as prompts have them: keys in blocks of 64, each block unpacked once for
// all rows, blocks that no row sees skipped, and a running maximum and sum for each row (Milakov
// and Gimelshein, 2018). Rows are the lanes of vectors: what is found for each of them needs no
// step across lanes.
#pragma once

#include <bit>
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
  static constexpr std::size_t kWidest = kTileVectors * kLanes;
  static constexpr std::size_t kKeyStep = 8;  // whole rows of products
  static constexpr std::size_t kChains = 4;
  static constexpr float kNoScore = -1e30F;
  static constexpr float kUnseen = -std::numeric_limits<float>::infinity();
  static_assert(kRowsOfTile % kWidest == 0 && kKeyStep % kTileRows<V> == 0);

  // Rows whose queries, scores and results lie side by side: up to kTileVectors vectors.
  struct Tile {
    std::size_t row, width;
    float *queries, *results;                   // [words of key_size][width], [value_size][width]
    alignas(64) std::uint64_t sights[kWidest];  // what each sees of the present block
    std::uint64_t seen, seen_by_all;
  };

  RowAttention(const AttentionHead& head, const AttentionRow* rows, std::size_t count,
               float* scratch)
      : head_(head), rows_(rows), count_(count), key_words_(head.key_size / Words::kValues) {
    const std::size_t padded = (count + kRowsOfTile - 1) / kRowsOfTile * kRowsOfTile;
    queries_ = scratch;
    results_ = queries_ + padded * key_words_;
    maxima_ = results_ + padded * head.value_size;
    sums_ = maxima_ + padded;
    keys_ = sums_ + padded;
    values_ = keys_ + kKeysOfBlock * key_words_;
    scores_ = values_ + kKeysOfBlock / Words::kValues * head.value_size;
    weights_ = Words::kValues == 1 ? scores_ : scores_ + kRowsOfTile * kKeysOfBlock;
  }

  void run() {
    for (std::size_t row = 0; row < count_; row += kWidest) start(tile_at(row));
    for (std::size_t first = 0; first < head_.count; first += kKeysOfBlock) {
      bool is_unpacked = false;
      for (std::size_t row = 0; row < count_; row += kWidest) {
        Tile tile = tile_at(row);
        look(first, tile);
        if (tile.seen == 0) continue;
        if (!is_unpacked) unpack(first);
        is_unpacked = true;
        attend_tile(tile, first);
      }
    }
    for (std::size_t row = 0; row < count_; row += kWidest) finish(tile_at(row));
  }

  Tile tile_at(std::size_t row) const {
    Tile tile;
    tile.row = row;
    const std::size_t rows = count_ - row < kWidest ? count_ - row : kWidest;
    tile.width = (rows + kLanes - 1) / kLanes * kLanes;
    tile.queries = queries_ + row * key_words_;
    tile.results = results_ + row * head_.value_size;
    return tile;
  }

  void start(const Tile& tile) {
    std::memset(tile.results, 0, tile.width * head_.value_size * sizeof(float));
    for (std::size_t row = tile.row; row < tile.row + tile.width; ++row) {
      const bool has_sink = row < count_ && rows_[row].has_sink;
      maxima_[row] = has_sink ? rows_[row].sink : kNoScore;
      sums_[row] = has_sink ? 1 : 0;
    }
    for (std::size_t lane = 0; lane < tile.width; lane += kLanes) pack_queries(tile, lane);
  }

  void pack_queries(const Tile& tile, std::size_t lane) const {
    constexpr std::size_t kStep = kLanes * Words::kValues;
    for (std::size_t d = 0; d < head_.key_size; d += kStep) {
      const std::size_t values = head_.key_size - d < kStep ? head_.key_size - d : kStep;
      Floats x[kLanes];
      for (std::size_t i = 0; i < kLanes; ++i) {
        const std::size_t row = tile.row + lane + i;
        x[i] = row < count_ ? Words::pack(rows_[row].query + d, rows_[row].score_factor, values)
                            : V::floats(0);
      }
      transpose<V>(x);
      float* const to = tile.queries + d / Words::kValues * tile.width + lane;
      for (std::size_t i = 0; i < values / Words::kValues; ++i) V::store(to + i * tile.width, x[i]);
    }
  }

  // Rows beyond the last one see all: what becomes of them is never read.
  void look(std::size_t first, Tile& tile) const {
    tile.seen = 0;
    tile.seen_by_all = ~std::uint64_t{0};
    for (std::size_t lane = 0; lane < tile.width; ++lane) {
      tile.sights[lane] = ~std::uint64_t{0};
      if (tile.row + lane >= count_) continue;
      tile.sights[lane] = rows_[tile.row + lane].sight[first / kKeysOfBlock];
      tile.seen |= tile.sights[lane];
      tile.seen_by_all &= tile.sights[lane];
    }
  }

  std::size_t keys_of(std::size_t first) const {
    return head_.count - first < kKeysOfBlock ? head_.count - first : kKeysOfBlock;
  }

  void unpack(std::size_t first) const {
    with_cache<V>(head_.key_type, [&]<class Cache>(Cache) { unpack_keys<Cache>(first); });
    with_cache<V>(head_.value_type, [&]<class Cache>(Cache) { unpack_values<Cache>(first); });
  }

  template <class Cache>
  void unpack_keys(std::size_t first) const {
    const std::size_t keys = keys_of(first);
    for (std::size_t key = 0; key < kKeysOfBlock; ++key) {
      const std::uint8_t* const from = head_.keys + (first + key) * head_.key_stride;
      prefetch_next<Cache>(from, head_.key_stride, head_.key_size);
      float* const to = keys_ + key * key_words_;
      for (std::size_t d = 0; d < head_.key_size; d += kLanes) {
        Words::pack(key < keys ? load_cached<V, Cache>(from, d) : V::floats(0),
                    to + d / Words::kValues);
      }
    }
  }

  template <class Cache>
  void unpack_values(std::size_t first) const {
    const std::size_t keys = keys_of(first);
    for (std::size_t key = 0; key < kKeysOfBlock; key += Words::kValues) {
      const std::uint8_t* const from = head_.values + (first + key) * head_.value_stride;
      for (std::size_t i = 0; i < Words::kValues; ++i) {
        prefetch_next<Cache>(from + i * head_.value_stride, head_.value_stride, head_.value_size);
      }
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

  // The same key of the next block: a cache's rows lie too far apart for hardware to guess.
  template <class Cache>
  static void prefetch_next(const std::uint8_t* key, std::size_t stride, std::size_t values) {
    const std::uint8_t* const next = key + kKeysOfBlock * stride;
    for (std::size_t i = 0; i < values / Cache::kValues * Cache::kBytes; i += 64)
      __builtin_prefetch(next + i, 0, 3);
  }

  void attend_tile(const Tile& tile, std::size_t first) const {
    // Nobody sees what is beyond.
    const auto end = static_cast<std::size_t>(64 - std::countl_zero(tile.seen));
    const std::size_t keys = (end + kKeyStep - 1) / kKeyStep * kKeyStep;
    multiply_tile<V, Words, false>(
        {keys_, key_words_, 1, tile.queries, scores_, tile.width, key_words_}, keys);
    if (rows_[tile.row].cap != 0) cap_scores<V>(rows_[tile.row].cap, scores_, keys * tile.width);
    for (std::size_t lane = 0; lane < tile.width && tile.row + lane < count_; ++lane) {
      const AttentionRow& row = rows_[tile.row + lane];
      if (row.mask != nullptr) add_mask(row, first, keys, scores_ + lane, tile.width);
    }
    hide_unseen(tile, keys);
    for (std::size_t lane = 0; lane < tile.width; lane += kLanes) weigh(tile, lane, keys);
    multiply_tile<V, Words, true>(
        {values_, 1, head_.value_size, weights_, tile.results, tile.width, keys / Words::kValues},
        head_.value_size);
  }

  void add_mask(const AttentionRow& row, std::size_t first, std::size_t keys, float* scores,
                std::size_t width) const {
    std::uint16_t padded[kKeysOfBlock] = {};
    std::memcpy(padded, row.mask + first, 2 * keys_of(first));
    for (std::size_t key = 0; key < keys; key += kLanes) {
      float lanes[kLanes];
      V::store(lanes,
               V::multiply(V::load_halves(reinterpret_cast<const std::uint8_t*>(padded + key)),
                           V::floats(row.mask_factor)));
      for (std::size_t i = 0; i < kLanes && key + i < keys; ++i)
        scores[(key + i) * width] += lanes[i];
    }
  }

  void hide_unseen(const Tile& tile, std::size_t keys) const {
    std::uint64_t open = ~tile.seen_by_all;
    if (keys < kKeysOfBlock) open &= (std::uint64_t{1} << keys) - 1;
    for (; open != 0; open &= open - 1) {
      const int key = std::countr_zero(open);
      for (std::size_t lane = 0; lane < tile.width; lane += kLanes) {
        float* const scores = scores_ + static_cast<std::size_t>(key) * tile.width + lane;
        V::store(scores, V::where(bits_at<V>(tile.sights + lane, key), V::load(scores),
                                  V::floats(kUnseen)));
      }
    }
  }

  // Turns the scores of a vector of rows into weights and brings what was summed so far to the new
  // maxima. Four chains, so that none is waited for.
  void weigh(const Tile& tile, std::size_t lane, std::size_t keys) const {
    const std::size_t width = tile.width;
    const float* const scores = scores_ + lane;
    Floats most[kChains];
    for (std::size_t i = 0; i < kChains; ++i) most[i] = V::load(maxima_ + tile.row + lane);
    for (std::size_t key = 0; key < keys; key += kChains) {
      for (std::size_t i = 0; i < kChains; ++i)
        most[i] = V::larger(V::load(scores + (key + i) * width), most[i]);
    }
    const Floats maxima = V::larger(V::larger(most[0], most[1]), V::larger(most[2], most[3]));
    rescale(tile, lane, maxima);
    Floats sums[kChains];
    for (Floats& sum : sums) sum = V::floats(0);
    float* weights = weights_ + lane;
    for (std::size_t key = 0; key < keys;
         key += kChains, weights += kChains / Words::kValues * width) {
      Floats weight[kChains];
      for (std::size_t i = 0; i < kChains; ++i) {
        weight[i] = power_of_two<V>(V::subtract(V::load(scores + (key + i) * width), maxima));
        sums[i] = plus(sums[i], weight[i]);
      }
      for (std::size_t i = 0; i < kChains; i += Words::kValues)
        Words::pack_across(weight + i, weights + i / Words::kValues * width);
    }
    float* const all = sums_ + tile.row + lane;
    V::store(all, plus(V::load(all), plus(plus(sums[0], sums[1]), plus(sums[2], sums[3]))));
  }

  static Floats plus(Floats a, Floats b) { return V::fused(a, V::floats(1), b); }

  void rescale(const Tile& tile, std::size_t lane, Floats maxima) const {
    float* const before = maxima_ + tile.row + lane;
    const Floats apart = V::subtract(V::load(before), maxima);
    if (V::largest_lane(V::subtract(V::floats(0), apart)) == 0) return;
    V::store(before, maxima);
    const Floats factors = power_of_two<V>(apart);
    float* const sums = sums_ + tile.row + lane;
    V::store(sums, V::multiply(V::load(sums), factors));
    for (std::size_t d = 0; d < head_.value_size; ++d) {
      float* const results = tile.results + d * tile.width + lane;
      V::store(results, V::multiply(V::load(results), factors));
    }
  }

  void finish(const Tile& tile) const {
    for (std::size_t lane = 0; lane < tile.width; lane += kLanes) {
      const float* const sums = sums_ + tile.row + lane;
      float factors[kLanes];
      // A query that sees nothing has a result of zeros.
      for (std::size_t i = 0; i < kLanes; ++i) factors[i] = sums[i] == 0 ? 0 : 1 / sums[i];
      for (std::size_t d = 0; d < head_.value_size; d += kLanes) {
        Floats x[kLanes];
        for (std::size_t i = 0; i < kLanes; ++i)
          x[i] = V::multiply(V::load(tile.results + (d + i) * tile.width + lane), V::load(factors));
        transpose<V>(x);
        for (std::size_t i = 0; i < kLanes && tile.row + lane + i < count_; ++i)
          V::store(rows_[tile.row + lane + i].result + d, x[i]);
      }
    }
  }

  const AttentionHead& head_;
  const AttentionRow* rows_;
  std::size_t count_;
  std::size_t key_words_;
  float* queries_;
  float* results_;
  float* maxima_;
  float* sums_;
  float* keys_;     // [64][words of key_size]
  float* values_;   // [words of 64][value_size]
  float* scores_;   // [64][width]
  float* weights_;  // [words of 64][width]
};

}  // namespace shimmy::kernels
