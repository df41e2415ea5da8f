// Builds the KernelSet of one instruction set: included by exactly one source file for each V,
// which is compiled with the flags of that set. Nothing here may be shared between those files, as
// the linker would keep one copy for all: whatever is no template over V has no code.
#pragma once

#include <array>
#include <utility>

#include "kernels/float_tile.h"
#include "kernels/kernel_set.h"
#include "kernels/norm_rows.h"
#include "kernels/tile.h"
#include "kernels/types/floats.h"
#include "kernels/types/quantized_types.h"

namespace shimmy::kernels {

template <class V, class Type>
constexpr WeightKernel quantized_kernel() {
  return {{QuantizedTile<V, Type, 1>::multiply, QuantizedTile<V, Type, 2>::multiply,
           QuantizedTile<V, Type, 3>::multiply, QuantizedTile<V, Type, 4>::multiply,
           QuantizedTile<V, Type, 6>::multiply, QuantizedTile<V, Type, 8>::multiply,
           QuantizedTile<V, Type, 12>::multiply, QuantizedTile<V, Type, 16>::multiply},
          QuantizedActivations<V, Type>::write,
          QuantizedActivations<V, Type>::kBytes};
}

template <class V, class Type>
constexpr WeightKernel float_kernel() {
  return {{FloatTile<V, Type, 1>::multiply, FloatTile<V, Type, 2>::multiply,
           FloatTile<V, Type, 3>::multiply, FloatTile<V, Type, 4>::multiply,
           FloatTile<V, Type, 6>::multiply, FloatTile<V, Type, 8>::multiply,
           FloatTile<V, Type, 12>::multiply, FloatTile<V, Type, 16>::multiply},
          CopiedActivations<V>::write,
          CopiedActivations<V>::kBytes};
}

// Products in the order of WeightType.
template <class V>
constexpr KernelSet make_kernel_set() {
  const auto products = []<std::size_t... kTypes>(std::index_sequence<kTypes...>) {
    return std::array<WeightKernel, kWeightTypes>{
        quantized_kernel<V, QuantizedType<static_cast<WeightType>(kTypes), V>>()...,
        float_kernel<V, F16<V>>(), float_kernel<V, Bf16<V>>()};
  };
  return {products(std::make_index_sequence<kQuantizedTypes>()),
          {NormRows<V>::rms_scale, NormRows<V>::scale_row}};
}

}  // namespace shimmy::kernels
