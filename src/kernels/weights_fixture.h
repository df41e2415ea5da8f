// Weights and activations for tests: ordinary ones, and ones made to hurt.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kernels/cpu_level.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

using Bytes = std::vector<std::uint8_t>;
using Floats = std::vector<float>;
using Random = std::mt19937;

// ggml's name of the type, for test names.
std::string name_of(WeightType type);
std::vector<WeightType> every_type();

// False where a level rounds activations in its own way: its products are then not the scalar ones
// to the last bit.
bool multiplies_like_scalar(WeightType type, CpuLevel level);

// Floats of a bell curve with a few outliers, as weights and activations have them.
Floats random_floats(std::size_t count, Random& random);

// `rows` rows of `values` values as ggml quantises random floats.
Bytes quantised_weights(WeightType type, std::size_t rows, std::size_t values, Random& random);

// Random bits in every value; scales are zero, tiny, the largest, negative or ordinary ones.
Bytes hostile_weights(WeightType type, std::size_t rows, std::size_t values, Random& random);

// Zeros, denormals, equal values, single spikes and huge values, block by block.
Floats hostile_activations(std::size_t count, Random& random);

// What the weights stand for.
Floats dequantised(WeightType type, const Bytes& weights);

}  // namespace shimmy::kernels
