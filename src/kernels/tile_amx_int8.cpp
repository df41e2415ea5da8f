// AMX-INT8 beside what tile_avx512_vnni.cpp needs.
#include <immintrin.h>

#include <array>
#include <cstdint>
#include <utility>

#include "kernels/amx_products.h"
#include "kernels/lanes_avx512.h"
#include "kernels/matrix_tile.h"
#include "kernels/types/quantized_types.h"

namespace shimmy::kernels {
namespace {

struct AmxLanes : Avx512Lanes {};

// Tiles 0, 1 and 2 are the sums, the columns and the rows (Intel's manual, volume 1, chapter 18).
class AmxUnit {
 public:
  AmxUnit(std::size_t columns, std::size_t values) {
    struct alignas(64) {
      std::uint8_t palette = 1;
      std::uint8_t reserved[15] = {};
      std::uint16_t row_bytes[16] = {};
      std::uint8_t rows[16] = {};
    } shape;
    static_assert(sizeof(shape) == 64);
    shape.rows[0] = shape.rows[1] = static_cast<std::uint8_t>(columns);
    shape.rows[2] = static_cast<std::uint8_t>(values / 4);
    shape.row_bytes[0] = shape.row_bytes[2] = kVector;
    shape.row_bytes[1] = static_cast<std::uint16_t>(values);
    _tile_loadconfig(&shape);
  }
  ~AmxUnit() { _tile_release(); }
  AmxUnit(const AmxUnit&) = delete;
  AmxUnit& operator=(const AmxUnit&) = delete;

  void multiply(const std::uint8_t* columns, const std::uint8_t* rows, std::int32_t* sums) const {
    _tile_zero(0);
    _tile_loadd(1, columns, kBlock);
    _tile_loadd(2, rows, kVector);
    _tile_dpbsud(0, 1, 2);
    _tile_stored(0, sums, kVector);
  }
};

}  // namespace

template <WeightType kType, int kWidth>
void multiply_amx(const PackedRows& rows, const std::uint8_t* activations, float* const* columns) {
  MatrixTile<AmxLanes, QuantizedType<kType, AmxLanes>, kWidth, AmxUnit>::multiply(rows, activations,
                                                                                  columns);
}

// What tile_avx512_vnni.cpp puts into a KernelSet.
[[gnu::used]] constexpr auto kInstantiated =
    []<std::size_t... kTypes>(std::index_sequence<kTypes...>) {
      return std::array<MultiplyTile, kMatrixWidths.size() * sizeof...(kTypes)>{
          multiply_amx<static_cast<WeightType>(kTypes), kMatrixWidths[0]>...,
          multiply_amx<static_cast<WeightType>(kTypes), kMatrixWidths[1]>...,
          multiply_amx<static_cast<WeightType>(kTypes), kMatrixWidths[2]>...};
    }(std::make_index_sequence<kQuantizedTypes>());

}  // namespace shimmy::kernels
