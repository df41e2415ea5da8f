// Builds the KernelSet of one instruction set: included by exactly one source file for each V,
// which is compiled with the flags of that set. Nothing here may be shared between those files, as
// the linker would keep one copy for all: whatever is no template over V has no code.
#pragma once

#include "kernels/float_tile.h"
#include "kernels/kernel_set.h"
#include "kernels/norm_rows.h"
#include "kernels/tile.h"
#include "kernels/types/blocks_of_256.h"
#include "kernels/types/blocks_of_32.h"
#include "kernels/types/floats.h"

namespace shimmy::kernels {

template <class V, template <class> class T>
constexpr WeightKernel quantized_kernel() {
  using Type = T<V>;
  return {{QuantizedTile<V, Type, 1>::multiply, QuantizedTile<V, Type, 2>::multiply,
           QuantizedTile<V, Type, 3>::multiply, QuantizedTile<V, Type, 4>::multiply,
           QuantizedTile<V, Type, 6>::multiply, QuantizedTile<V, Type, 8>::multiply,
           QuantizedTile<V, Type, 12>::multiply, QuantizedTile<V, Type, 16>::multiply},
          QuantizedActivations<V, Type>::write,
          QuantizedActivations<V, Type>::kBytes};
}

template <class V, template <class> class T>
constexpr WeightKernel float_kernel() {
  using Type = T<V>;
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
  return {{quantized_kernel<V, Q40>(), quantized_kernel<V, Q41>(), quantized_kernel<V, Q50>(),
           quantized_kernel<V, Q51>(), quantized_kernel<V, Q80>(), quantized_kernel<V, Iq4Nl>(),
           quantized_kernel<V, Mxfp4>(), quantized_kernel<V, Q2K>(), quantized_kernel<V, Q3K>(),
           quantized_kernel<V, Q4K>(), quantized_kernel<V, Q5K>(), quantized_kernel<V, Q6K>(),
           quantized_kernel<V, Iq4Xs>(), float_kernel<V, F16>(), float_kernel<V, Bf16>()},
          {NormRows<V>::rms_scale, NormRows<V>::scale_row}};
}

}  // namespace shimmy::kernels
