// How fast matrices are multiplied here: by our kernels, by ggml's, and at the most.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace shimmy::kernels {

struct MachineSpeed {
  double peak = 0;       // of all threads: billions of multiply-adds a second, see core_peak.h
  double bandwidth = 0;  // of all threads, reading memory: billions of bytes a second
};

struct ProductShape {
  std::int64_t rows = 0;     // of the weights
  std::int64_t values = 0;   // of one row
  std::int64_t columns = 0;  // multiplied at once: tokens
};

struct ProductSpeed {
  double ours = 0;       // billions of multiply-adds a second
  double ggml = 0;       // the same
  double bandwidth = 0;  // billions of bytes of weights a second that ours read
};

// All blocks for its measuring. Requires, except for the names and shapes: our kernels are
// installed, and no other work on the machine.
MachineSpeed measure_machine(int threads);

// As ggml calls them, in the order of WeightType.
std::vector<std::string> product_types();

// Of small and large models: one token, a few, a prompt. Empty for other names.
std::vector<ProductShape> product_shapes(std::string_view type);

// Fails on a name that is not among product_types().
base::Result<ProductSpeed> measure_product(std::string_view type, const ProductShape& shape,
                                           int threads);

}  // namespace shimmy::kernels
