// Attention of one KV head of one stream, compiled for one instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace shimmy::kernels {

// How a cache holds keys or values (attention_cache.h).
enum class CacheType : std::uint8_t {
  F16,  // 16-bit floats
  Q80,  // ggml's blocks of 32 signed bytes with a 16-bit scale
};

// A key's values lie side by side, keys lie `stride` bytes apart. Sizes are multiples of 16, and of
// 32 where they come in blocks.
struct AttentionHead {
  const std::uint8_t* keys;
  std::size_t key_stride;
  std::size_t key_size;  // values of a key
  CacheType key_type;
  const std::uint8_t* values;
  std::size_t value_stride;
  std::size_t value_size;
  CacheType value_type;
  std::size_t count;  // of keys
};

// One query of one query head.
struct AttentionRow {
  const float* query;
  float* result;
  const std::uint64_t* sight;  // a bit for each key that the row sees, 64 to a word
  const std::uint16_t* mask;   // a 16-bit float for each key, added to its score; null: only zeros
  float mask_factor;           // the head's slope, times log2(e)
  float score_factor;          // times log2(e), or divided by the cap where there is one
  float cap;                   // what no score exceeds, times log2(e); 0: none
  bool has_sink;
  float sink;  // a score beside those of the keys, times log2(e)
};

inline constexpr std::size_t kKeysOfBlock = 64;
inline constexpr std::size_t kRowsOfTile = 48;        // at most; narrow vectors take fewer
inline constexpr std::uint16_t kMaskedHalf = 0xfc00;  // minus infinity

// What a query sees by its mask.
struct Sight {
  std::uint32_t seen;  // keys
  bool has_weights;    // what is added for a seen key is not always zero
};

struct AttentionKernels {
  // Sets a bit for each key that `mask` shows, 64 to a word; null shows all.
  Sight (*read_mask)(const std::uint16_t* mask, std::size_t keys, std::uint64_t* words);

  // How many of the keys in `words` a mask shows, too.
  std::size_t (*count_common)(const std::uint16_t* mask, const std::uint64_t* words,
                              std::size_t keys);

  // Many rows against all keys. `scratch` has tile_scratch() floats.
  void (*attend_rows)(const AttentionHead& head, const AttentionRow* rows, std::size_t count,
                      float* scratch);

  // Up to 4 rows of one query against some of the keys that it sees: what those contribute goes to
  // `parts`, part_floats() of the head for each row. Behind its `count` keys `visible` has
  // kKeysOfBlock more indices of keys, which are read for nothing; `scratch` has query_scratch()
  // floats.
  void (*attend_keys)(const AttentionHead& head, const AttentionRow* rows, std::size_t row_count,
                      const std::uint32_t* visible, std::size_t count, float* scratch,
                      float* parts);

  // The row's result from the parts of all keys that it sees, at most kMostParts, `apart` floats
  // from one to the next. Without any it is zero.
  void (*join_parts)(const AttentionRow& row, std::size_t value_size, const float* parts,
                     std::size_t apart, std::size_t count);
};

constexpr std::size_t tile_scratch(const AttentionHead& head, std::size_t rows) {
  const std::size_t padded = (rows + kRowsOfTile - 1) / kRowsOfTile * kRowsOfTile;
  return padded * (head.key_size + head.value_size + 2) +
         kKeysOfBlock * (head.key_size + head.value_size) + 2 * kRowsOfTile * kKeysOfBlock;
}

// The keys of one query come in parts, so that threads can share them. Where a part ends depends on
// nothing but how many keys there are, and so no result depends on who computed what.
inline constexpr std::size_t kMostParts = 64;

constexpr std::size_t keys_of_part(std::size_t visible) {
  const std::size_t share = (visible + kMostParts - 1) / kMostParts;
  return share <= 32 ? 32 : (share + 15) / 16 * 16;
}
constexpr std::size_t count_parts(std::size_t visible) {
  return (visible + keys_of_part(visible) - 1) / keys_of_part(visible);
}

// A part of a row: the largest score and the sum of the weights, then from kPartValues on the sum
// of the weighted values.
inline constexpr std::size_t kPartValues = 16;
constexpr std::size_t part_floats(const AttentionHead& head) {
  return kPartValues + head.value_size;
}
constexpr std::size_t query_scratch(const AttentionHead& head) {
  return 4 * (head.key_size + keys_of_part(head.count) + 16);
}

extern const AttentionKernels kScalarAttention;

}  // namespace shimmy::kernels
