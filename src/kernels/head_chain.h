// What a graph does with each head of a product before attention: the head's norm, RoPE and the
// write into the KV cache.
#pragma once

#include <ggml.h>

#include <cstddef>
#include <span>

#include "kernels/kernel_set.h"
#include "kernels/rms_norm.h"
#include "kernels/rotations.h"

namespace shimmy::kernels {

// RoPE, with or without the others, or the write alone.
struct HeadChain {
  RmsNorm norm;                    // of what RoPE takes; not written
  ggml_tensor* rope = nullptr;     // written
  Rotations* rotations = nullptr;  // of `rope`
  ggml_tensor* store = nullptr;    // SET_ROWS; written

  explicit operator bool() const { return rope != nullptr || store != nullptr; }
};

// True if the ROPE takes all heads of the product, through `norm` if there is one.
bool rotates(const ggml_tensor& rope, const ggml_tensor& product, const RmsNorm& norm);
// True if the SET_ROWS takes all columns of the product as rows of floats.
bool stores_product(const ggml_tensor& store, const ggml_tensor& product);
// True if it takes all heads of each token that are rotated.
bool stores_rotated(const ggml_tensor& store, const ggml_tensor& rope);

// The first group of a graph that rotates in its way prepares the angles for all: each thread its
// share of them, then, when all have, one of them says so. True if there was anything to do.
bool fill_rotations(std::span<const HeadChain> chains, std::size_t thread, std::size_t threads);
void finish_rotations(std::span<const HeadChain> chains);

// The rows of a chain: the heads of all tokens, or pieces of what is only stored. Each by itself.
std::size_t row_count(const HeadChain& chain, const ggml_tensor& product);

// Computes rows [first, last) from the product's values, column after column. The angles must be
// filled.
void compute_rows(const RowKernels& kernels, const HeadChain& chain, const ggml_tensor& product,
                  const float* values, std::size_t first, std::size_t last);

}  // namespace shimmy::kernels
