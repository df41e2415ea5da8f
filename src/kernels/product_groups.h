// Products of a graph that are computed in one go: those that multiply the same activations (Q, K
// and V), with the norm that those come from and with what follows: a gated unit, a sum, or what is
// done with each head.
#pragma once

#include <ggml.h>

#include <array>
#include <cstddef>
#include <deque>
#include <vector>

#include "kernels/graph_nodes.h"
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

// Forms the groups of a graph while ggml plans it, which it does before each run, node by node, on
// the thread that then computes node 0. One object a thread. The node that computes a group is its
// first product, or its tail; the others lose GGML_TENSOR_FLAG_COMPUTE, so that ggml skips them and
// their barrier. A group's address is in the `extra` of its nodes until the next plan.
class GroupPlanner {
 public:
  // What the planner makes of a node: a product of ours is a group at least of itself.
  enum class Kind { Other, Product, LoneProduct };

  // The next node of the graph that is being planned.
  void add(ggml_tensor* node, Kind kind);

  // The graph has begun to run: the next node is the first of another plan.
  void finish() { is_finished_ = true; }

 private:
  void start_over();
  void look_at_readers(const ggml_tensor& node);
  ProductGroup* find(const ggml_tensor& node);
  ProductGroup& begin_group(ggml_tensor& product);
  void dissolve(ProductGroup& group);
  bool join(ggml_tensor* product);
  void lead(ggml_tensor* product);
  bool end_with(ggml_tensor* node);
  bool gate(ggml_tensor* node);
  bool add_to(ggml_tensor* node);
  bool rotate(ggml_tensor* rope);
  bool store(ggml_tensor* store);
  Rotations& rotations_of(const ggml_tensor& rope);
  RmsNorm norm_before(const ggml_tensor& node) const;
  void take_norm(const RmsNorm& norm);
  void take_result(ggml_tensor& node);

  // What has been read or written since the first product of the open group, and by which node.
  struct Touch {
    const ggml_tensor* node;
    MemoryRange range;
  };
  void touch(const ggml_tensor& node);
  void forget(const ggml_tensor& node);
  bool is_free(const ggml_tensor& node) const;

  std::deque<ProductGroup> groups_;  // of the present graph; addresses stay
  std::deque<Rotations> rotations_;  // of the present graph
  ProductGroup* open_ = nullptr;     // that the next node may join
  bool is_adjacent_ = false;         // nothing has been computed since the last product of it
  std::vector<Touch> touches_;
  NormFinder norms_;
  bool is_finished_ = false;
};

// The group that `node` is a part of; null if it is computed by itself.
const ProductGroup* group_of(const ggml_tensor& node);

}  // namespace shimmy::kernels
