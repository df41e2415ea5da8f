// Products of a graph that are computed in one go: those that multiply the same activations (Q, K
// and V), with the norm that those come from and with what follows: a gated unit, a sum, or what is
// done with each head.
#pragma once

#include <ggml.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/head_chain.h"
#include "kernels/product_factor.h"
#include "kernels/rms_norm.h"
#include "kernels/shared_loop.h"

namespace shimmy::kernels {

struct ProductGroup {
  static constexpr std::size_t kMost = 3;

  std::array<ggml_tensor*, kMost> products{};  // with one and the same src[1]
  std::array<Factor, kMost> factors{};         // their matrices
  std::array<HeadChain, kMost> chains;         // of each product; one with a chain is not written
  std::size_t count = 0;
  RmsNorm norm;  // if there is one, src[1] is its result, which is not written
  // What takes the place of the products' results, which are then not written: the GLU of
  // products[0] and products[1], or the ADD of the only product and something else.
  ggml_tensor* tail = nullptr;
  mutable SharedLoop loop;                  // of the threads that compute it
  const ProductGroup* following = nullptr;  // what the graph computes after it, as far as is known

  bool is_gated() const { return tail != nullptr && tail->op == GGML_OP_GLU; }
  // A product and nothing else.
  bool is_alone() const { return count == 1 && tail == nullptr && !norm && !chains[0]; }
  // All weights are 16-bit floats: beside others, activations are rounded to 8 bits anyway.
  bool multiplies_floats() const;
  // The groups of 16 rows that are multiplied one after another; a gated unit's two together.
  std::size_t row_groups() const {
    std::size_t all = 0;
    for (std::size_t i = 0; i < (is_gated() ? 1 : count); ++i) all += factors[i].groups;
    return all;
  }
  // The weights with which one of them begins.
  const std::uint8_t* cells_of(std::size_t matrix, std::size_t row_group) const {
    std::size_t i = 0;
    while (row_group >= factors[i].groups) row_group -= factors[i++].groups;
    return factors[i].group(matrix, row_group);
  }

  // What the columns of activations are read from.
  const ggml_tensor& input() const { return norm ? norm.input() : *products[0]->src[1]; }
};

// The group that `node` is a part of; null if it is computed by itself.
const ProductGroup* group_of(const ggml_tensor& node);

// True for ops that a group can have as a part.
bool can_be_part(const ggml_tensor& node);

}  // namespace shimmy::kernels
