// The values that the four bits of table types stand for, shifted so that all are positive.
#pragma once

#include <cstdint>

namespace shimmy::kernels {

// IQ4_NL and IQ4_XS: the value plus 128.
alignas(16) inline constexpr std::uint8_t kIq4Values[16] = {1,   24,  45,  63,  79,  93,  106, 118,
                                                            129, 141, 153, 166, 181, 197, 217, 241};

// MXFP4: twice the value, plus 12.
alignas(16) inline constexpr std::uint8_t kMxfp4Values[16] = {12, 13, 14, 15, 16, 18, 20, 24,
                                                              12, 11, 10, 9,  8,  6,  4,  0};

}  // namespace shimmy::kernels
