#include "kernels/head_chain.h"

#include <ggml-cpu.h>

#include <cstdint>

#include "kernels/graph_nodes.h"

namespace shimmy::kernels {
namespace {

std::size_t size(std::int64_t extent) { return static_cast<std::size_t>(extent); }

// True if `view` is the whole of `product`, by whatever extents.
bool is_all_of(const ggml_tensor& view, const ggml_tensor& product) {
  return view.type == GGML_TYPE_F32 && view.data == product.data &&
         &owner_of(view) == &owner_of(product) && ggml_is_contiguous(&view) &&
         ggml_nelements(&view) == ggml_nelements(&product);
}

bool is_one_matrix(const ggml_tensor& tensor) { return tensor.ne[2] == 1 && tensor.ne[3] == 1; }

// Rows of floats that become rows of a type that ggml can write.
bool can_store(const ggml_tensor& store) {
  const ggml_tensor& indices = *store.src[1];
  return is_one_matrix(*store.src[0]) && is_one_matrix(store) && ggml_is_vector(&indices) &&
         ggml_is_contiguous(&indices) &&
         ggml_get_type_traits_cpu(store.type)->from_float != nullptr;
}

template <class T>
T* at(const ggml_tensor& tensor, std::size_t i1, std::size_t i2) {
  return reinterpret_cast<T*>(static_cast<std::uint8_t*>(tensor.data) + i1 * tensor.nb[1] +
                              i2 * tensor.nb[2]);
}

std::size_t index_of(const ggml_tensor& indices, std::size_t token) {
  if (indices.type == GGML_TYPE_I64)
    return size(static_cast<const std::int64_t*>(indices.data)[token]);
  return size(static_cast<const std::int32_t*>(indices.data)[token]);
}

// How many values one row of the chain has.
std::size_t row_values(const HeadChain& chain, const ggml_tensor& product) {
  if (chain.rope != nullptr) return size(chain.rope->ne[0]);
  constexpr std::size_t kPiece = 256;  // whole blocks of every type
  const std::size_t all = size(product.ne[0]);
  return all % kPiece == 0 ? kPiece : all;
}

const float* rotate(const RowKernels& kernels, const HeadChain& chain, std::size_t token,
                    std::size_t head, const float* from) {
  float* const to = at<float>(*chain.rope, head, token);
  if (chain.norm) {
    const std::size_t values = size(chain.rope->ne[0]);
    const float scale = kernels.rms_scale(from, values, chain.norm.epsilon);
    kernels.scale_row(from, chain.norm.weights, scale, values, to);
    from = to;
  }
  chain.rotations->rotate(token, from, to);
  return to;
}

// Values from `before` on of the row of one token.
void store(const ggml_tensor& cache, std::size_t token, std::size_t before, std::size_t count,
           const float* values) {
  const std::size_t index = index_of(*cache.src[1], token);
  GGML_ASSERT(index < size(cache.ne[1]));
  auto* const row = at<std::uint8_t>(cache, index, 0);
  ggml_get_type_traits_cpu(cache.type)
      ->from_float(values, row + ggml_row_size(cache.type, static_cast<std::int64_t>(before)),
                   static_cast<std::int64_t>(count));
}

}  // namespace

bool rotates(const ggml_tensor& rope, const ggml_tensor& product, const RmsNorm& norm) {
  if (!can_rotate(rope)) return false;
  const ggml_tensor& heads = norm ? norm.input() : *rope.src[0];
  return is_all_of(heads, product) && ggml_are_same_shape(&heads, &rope) &&
         heads.ne[0] * heads.ne[1] == product.ne[0];
}

bool stores_product(const ggml_tensor& store, const ggml_tensor& product) {
  return can_store(store) && is_all_of(*store.src[0], product) &&
         store.src[0]->ne[0] == product.ne[0];
}

bool stores_rotated(const ggml_tensor& store, const ggml_tensor& rope) {
  return can_store(store) && is_all_of(*store.src[0], rope) && ggml_is_contiguous(&rope) &&
         store.src[0]->ne[0] == rope.ne[0] * rope.ne[1] &&
         rope.ne[0] % ggml_blck_size(store.type) == 0;
}

bool fill_rotations(std::span<const HeadChain> chains, std::size_t thread, std::size_t threads) {
  bool is_filling = false;
  const Rotations* last = nullptr;
  for (const HeadChain& chain : chains) {
    if (chain.rotations == nullptr || chain.rotations->is_filled() || chain.rotations == last)
      continue;
    last = chain.rotations;
    is_filling = true;
    const std::size_t tokens = last->tokens();
    chain.rotations->fill(thread * tokens / threads, (thread + 1) * tokens / threads);
  }
  return is_filling;
}

void finish_rotations(std::span<const HeadChain> chains) {
  for (const HeadChain& chain : chains) {
    if (chain.rotations != nullptr) chain.rotations->finish();
  }
}

std::size_t row_count(const HeadChain& chain, const ggml_tensor& product) {
  return size(ggml_nelements(&product)) / row_values(chain, product);
}

void compute_rows(const RowKernels& kernels, const HeadChain& chain, const ggml_tensor& product,
                  const float* values, std::size_t first, std::size_t last) {
  const std::size_t count = row_values(chain, product);
  const std::size_t rows_of_token = size(product.ne[0]) / count;
  for (std::size_t index = first; index < last; ++index) {
    const std::size_t token = index / rows_of_token;
    const std::size_t row = index % rows_of_token;
    const float* from = values + index * count;
    if (chain.rope != nullptr) from = rotate(kernels, chain, token, row, from);
    if (chain.store != nullptr) store(*chain.store, token, row * count, count, from);
  }
}

}  // namespace shimmy::kernels
