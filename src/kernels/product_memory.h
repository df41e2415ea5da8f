// The work memory of a group of products: each thread's part, then what is of all.
#pragma once

#include <array>
#include <cstddef>

#include "kernels/kernel_set.h"
#include "kernels/product_groups.h"

namespace shimmy::kernels {

struct ProductMemory {
  std::size_t plan = 0;         // bytes of each thread
  std::size_t normed = 0;       // of each thread: one column
  std::size_t results = 0;      // of all threads: of products with chains
  std::size_t activations = 0;  // of all threads, or of each
  std::array<std::size_t, ProductGroup::kMost> results_of{};  // where each product's begin
  std::array<std::size_t, ProductGroup::kMost>
      activations_of{};  // products whose types want the same share them

  ProductMemory(const KernelSet& kernels, const ProductGroup& group);

  std::size_t of_thread() const { return plan + normed; }

 private:
  void place_activations(const KernelSet& kernels, const ProductGroup& group, std::size_t index);
};

}  // namespace shimmy::kernels
