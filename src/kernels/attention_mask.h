// Masks of 16-bit floats read in vectors: a unified cache has thousands of keys that a query does
// not see. Templates over V as in tile.h.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/attention_kernels.h"

namespace shimmy::kernels {

template <class V>
class MaskReader {
 public:
  static Sight read(const std::uint16_t* mask, std::size_t keys, std::uint64_t* words) {
    Sight sight{};
    for (std::size_t key = 0; key < keys; key += 64, ++words) {
      const std::size_t count = keys - key < 64 ? keys - key : 64;
      *words = count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
      if (mask == nullptr) continue;
      std::uint16_t padded[64];
      const std::uint16_t* const from = whole(mask + key, count, padded);
      *words &= V::differs(from, kMaskedHalf);
      if (*words != 0) sight.has_weights |= (*words & V::differs(from, 0)) != 0;
      sight.seen += static_cast<std::uint32_t>(std::popcount(*words));
    }
    if (mask == nullptr) sight.seen = static_cast<std::uint32_t>(keys);
    return sight;
  }

  static std::size_t count_common(const std::uint16_t* mask, const std::uint64_t* words,
                                  std::size_t keys) {
    std::size_t common = 0;
    for (std::size_t key = 0; key < keys; key += 64, ++words) {
      if (*words == 0) continue;
      std::uint64_t both = *words;
      if (mask != nullptr) {
        std::uint16_t padded[64];
        both &=
            V::differs(whole(mask + key, keys - key < 64 ? keys - key : 64, padded), kMaskedHalf);
      }
      common += static_cast<std::size_t>(std::popcount(both));
    }
    return common;
  }

 private:
  // 64 values at least; those beyond the end are masked.
  static const std::uint16_t* whole(const std::uint16_t* mask, std::size_t count,
                                    std::uint16_t* padded) {
    if (count == 64) return mask;
    for (std::size_t i = 0; i < 64; ++i) padded[i] = i < count ? mask[i] : kMaskedHalf;
    return padded;
  }
};

}  // namespace shimmy::kernels
