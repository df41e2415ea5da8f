// Forms the groups of products of a graph while ggml plans it.
#pragma once

#include <ggml.h>

#include <deque>

#include "kernels/attention.h"
#include "kernels/product_groups.h"
#include "kernels/rms_norm.h"
#include "kernels/rotations.h"
#include "kernels/touched_memory.h"

namespace shimmy::kernels {

struct PlannedAttention {
  const ProductGroup* products = nullptr;  // the last ones before it; null: none
  mutable AttentionTeam team;              // of the threads that compute it
};

// ggml plans a graph before each run, node by node, on the thread that then computes node 0. One
// object a thread. The node that computes a group is its first product, or its tail; the others
// lose GGML_TENSOR_FLAG_COMPUTE, so that ggml skips them and their barrier. A group's address is in
// the `extra` of its nodes until the next plan.
class GroupPlanner {
 public:
  // What the planner makes of a node: a product of ours is a group at least of itself.
  enum class Kind { Other, Product, LoneProduct };

  // The next node of the graph that is being planned.
  void add(ggml_tensor* node, Kind kind);

  // The group with the last products so far; null before the first. It lives until the next plan.
  ProductGroup* last_group() { return groups_.empty() ? nullptr : &groups_.back(); }

  // What an attention op that is the last node gets; it lives until the next plan.
  PlannedAttention& add_attention();

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
  bool rotate(ggml_tensor* rope);
  bool store(ggml_tensor* store);
  Rotations& rotations_of(const ggml_tensor& rope);
  RmsNorm norm_before(const ggml_tensor& node) const;
  void take_norm(const RmsNorm& norm);
  void take_result(ggml_tensor& node);
  void pass(const ggml_tensor& node);

  std::deque<ProductGroup> groups_;  // of the present graph; addresses stay
  std::deque<Rotations> rotations_;  // of the present graph
  std::deque<PlannedAttention> attentions_;
  ProductGroup* open_ = nullptr;  // that the next node may join
  bool is_adjacent_ = false;      // nothing has been computed since the last product of it
  TouchedMemory touched_;         // since the first product of it
  NormFinder norms_;
  bool is_finished_ = false;
};

}  // namespace shimmy::kernels
