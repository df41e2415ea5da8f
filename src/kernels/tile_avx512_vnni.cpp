// AVX512 F, BW, DQ, VL and VNNI.
#include <utility>

#include "kernels/amx_products.h"
#include "kernels/attention_query.h"
#include "kernels/bf16_products.h"
#include "kernels/lanes_avx512.h"
#include "kernels/make_kernel_set.h"
#include "kernels/types/quantized_types.h"
#include "kernels/x86_kernels.h"

namespace shimmy::kernels {
namespace {

constexpr KernelSet with_bf16_pairs(KernelSet kernels) {
  kernels.products.at(static_cast<std::size_t>(WeightType::Bf16)) = {
      {multiply_bf16_pairs<1>, multiply_bf16_pairs<2>, multiply_bf16_pairs<3>,
       multiply_bf16_pairs<4>, multiply_bf16_pairs<6>, multiply_bf16_pairs<8>,
       multiply_bf16_pairs<12>, multiply_bf16_pairs<16>},
      write_bf16_column,
      kBf16ColumnBytes};
  return kernels;
}

// Where there are many columns.
constexpr KernelSet with_matrix_unit(KernelSet kernels) {
  const auto set = [&]<WeightType kType>() {
    WeightKernel& kernel = kernels.products.at(static_cast<std::size_t>(kType));
    kernel.multiply.at(width_index(kMatrixWidths[0])) = multiply_amx<kType, kMatrixWidths[0]>;
    kernel.multiply.at(width_index(kMatrixWidths[1])) = multiply_amx<kType, kMatrixWidths[1]>;
    kernel.multiply.at(width_index(kMatrixWidths[2])) = multiply_amx<kType, kMatrixWidths[2]>;
  };
  [&]<std::size_t... kTypes>(std::index_sequence<kTypes...>) {
    (set.template operator()<static_cast<WeightType>(kTypes)>(), ...);
  }(std::make_index_sequence<kQuantizedTypes>());
  return kernels;
}

}  // namespace

constinit const KernelSet kAvx512VnniKernels = make_kernel_set<Avx512Lanes>();
constinit const KernelSet kAvx512Bf16Kernels = with_bf16_pairs(make_kernel_set<Avx512Lanes>());
constinit const KernelSet kAmxInt8Kernels =
    with_matrix_unit(with_bf16_pairs(make_kernel_set<Avx512Lanes>()));
constinit const AttentionKernels kAvx512VnniAttention = make_attention_kernels<Avx512Lanes>();

}  // namespace shimmy::kernels
