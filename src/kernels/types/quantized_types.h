// All weight types of 8 bits and less, in the order of WeightType.
#pragma once

#include <tuple>

#include "kernels/types/blocks_of_256.h"
#include "kernels/types/blocks_of_32.h"

namespace shimmy::kernels {

template <class V>
using QuantizedTypes = std::tuple<Q40<V>, Q41<V>, Q50<V>, Q51<V>, Q80<V>, Iq4Nl<V>, Mxfp4<V>,
                                  Q2K<V>, Q3K<V>, Q4K<V>, Q5K<V>, Q6K<V>, Iq4Xs<V>>;

inline constexpr std::size_t kQuantizedTypes = std::tuple_size_v<QuantizedTypes<void>>;

template <WeightType kType, class V>
using QuantizedType = std::tuple_element_t<static_cast<std::size_t>(kType), QuantizedTypes<V>>;

}  // namespace shimmy::kernels
