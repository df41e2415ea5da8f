#include "kernels/matrix_tile_fixture.h"

#include <array>
#include <utility>

#include "kernels/lanes_avx512.h"
#include "kernels/matrix_tile.h"
#include "kernels/types/quantized_types.h"

namespace shimmy::kernels {
namespace {

struct EmulatedLanes : Avx512Lanes {};

struct EmulatedUnit {
  std::size_t columns, values;

  EmulatedUnit(std::size_t of_columns, std::size_t of_values)
      : columns(of_columns), values(of_values) {}

  void multiply(const std::uint8_t* activations, const std::uint8_t* weights,
                std::int32_t* sums) const {
    for (std::size_t m = 0; m < columns; ++m) {
      for (std::size_t row = 0; row < kCellRows; ++row) {
        std::int32_t sum = 0;
        for (std::size_t k = 0; k < values; ++k) {
          const auto activation = static_cast<std::int8_t>(activations[m * kBlock + k]);
          sum += activation * weights[k / 4 * kVector + row * 4 + k % 4];
        }
        sums[m * kCellRows + row] = sum;
      }
    }
  }
};

template <int kWidth>
MultiplyTile product_of_width(WeightType type) {
  constexpr auto kAll = []<std::size_t... kTypes>(std::index_sequence<kTypes...>) {
    return std::array<MultiplyTile, sizeof...(kTypes)>{
        MatrixTile<EmulatedLanes, QuantizedType<static_cast<WeightType>(kTypes), EmulatedLanes>,
                   kWidth, EmulatedUnit>::multiply...};
  }(std::make_index_sequence<kQuantizedTypes>());
  return kAll.at(static_cast<std::size_t>(type));
}

}  // namespace

MultiplyTile emulated_product(WeightType type, int width) {
  if (width == 8) return product_of_width<8>(type);
  return width == 12 ? product_of_width<12>(type) : product_of_width<16>(type);
}

}  // namespace shimmy::kernels
