// Keys and values as a cache holds them, read as 32-bit floats: exactly, in either form. Templates
// over V as in tile.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/attention_kernels.h"

namespace shimmy::kernels {

// What a cache says: the values and bytes of a block, its scale, and a vector of its values from
// value i on.
template <class V>
struct HalfCache {
  struct Scale {};
  static constexpr std::size_t kValues = 16;
  static constexpr std::size_t kBytes = 32;

  static Scale scale(const std::uint8_t* /*block*/) { return {}; }
  static typename V::Floats load(const std::uint8_t* block, std::size_t i, Scale /*scale*/) {
    return V::load_halves(block + 2 * i);
  }
};

template <class V>
struct ByteCache {
  using Scale = typename V::Floats;
  static constexpr std::size_t kValues = 32;
  static constexpr std::size_t kBytes = 34;

  static Scale scale(const std::uint8_t* block) { return V::half(block); }
  static typename V::Floats load(const std::uint8_t* block, std::size_t i, Scale scale) {
    return V::multiply(V::to_floats(V::load_signed(block + 2 + i)), scale);
  }
};

// A vector of the values of one key, from value d on.
template <class V, class Cache>
typename V::Floats load_cached(const std::uint8_t* values, std::size_t d) {
  const std::uint8_t* const block = values + d / Cache::kValues * Cache::kBytes;
  return Cache::load(block, d % Cache::kValues, Cache::scale(block));
}

// Calls `use` with the cache of that type.
template <class V, class Use>
void with_cache(CacheType type, Use use) {
  if (type == CacheType::Q80) use(ByteCache<V>{});
  else use(HalfCache<V>{});
}

}  // namespace shimmy::kernels
