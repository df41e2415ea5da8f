#include "kernels/product_groups.h"

#include <algorithm>

namespace shimmy::kernels {
namespace {

// Products that belong together lie within a few nodes: norms, RoPE and views are between them.
constexpr std::size_t kFarthest = 48;

bool is_computed(const ggml_tensor& node) { return (node.flags & GGML_TENSOR_FLAG_COMPUTE) != 0; }

void set_computed(ggml_tensor& node, bool is_computed) {
  if (is_computed) node.flags |= GGML_TENSOR_FLAG_COMPUTE;
  else node.flags &= ~GGML_TENSOR_FLAG_COMPUTE;
}

bool is_view(const ggml_tensor& node) {
  return node.op == GGML_OP_NONE || node.op == GGML_OP_RESHAPE || node.op == GGML_OP_VIEW ||
         node.op == GGML_OP_PERMUTE || node.op == GGML_OP_TRANSPOSE;
}

ProductGroup* group_of(const ggml_tensor& node) { return static_cast<ProductGroup*>(node.extra); }

// Undoes what an earlier plan of the same graph has done to the node.
void restore(ggml_tensor& node) {
  if (node.extra == nullptr) return;
  node.extra = nullptr;
  set_computed(node, true);
}

bool is_output(const ggml_tensor& node) { return (node.flags & GGML_TENSOR_FLAG_OUTPUT) != 0; }

// The kinds that multiply() knows, of two whole operands.
bool is_known_unit(const ggml_tensor& node) {
  if (node.op != GGML_OP_GLU || node.src[1] == nullptr) return false;
  const ggml_glu_op kind = ggml_get_glu_op(&node);
  return (kind == GGML_GLU_OP_SWIGLU || kind == GGML_GLU_OP_GEGLU) && node.type == GGML_TYPE_F32 &&
         ggml_is_contiguous(&node);
}

}  // namespace

GroupPlanner::Range GroupPlanner::range_of(const ggml_tensor& tensor) {
  const auto* const begin = static_cast<const char*>(tensor.data);
  return {begin, begin + ggml_nbytes(&tensor)};
}

void GroupPlanner::start_over() {
  groups_.clear();
  open_ = nullptr;
  is_finished_ = false;
}

void GroupPlanner::add(ggml_tensor* node, bool is_ours) {
  if (is_finished_) start_over();
  if (node->op == GGML_OP_MUL_MAT || node->op == GGML_OP_GLU) restore(*node);
  if (!is_computed(*node)) return;
  look_at_readers(*node);
  if (is_view(*node)) return;
  if (is_ours && join(node)) return;
  const bool is_unit = gate(node);
  if (is_ours) lead(node);
  else if (open_ != nullptr && !is_unit) note_memory(*node);
}

// The results of products that feed a gated unit are never written: who else reads one undoes it.
void GroupPlanner::look_at_readers(const ggml_tensor& node) {
  for (const ggml_tensor* source : node.src) {
    if (source == nullptr) continue;
    const ggml_tensor& owner = source->view_src != nullptr ? *source->view_src : *source;
    if (owner.op != GGML_OP_MUL_MAT || owner.extra == nullptr) continue;
    // What another graph has computed may still have the address of a group that is gone.
    const auto group =
        std::ranges::find(groups_.rbegin(), groups_.rend(), owner.extra,
                          [](const ProductGroup& each) -> const void* { return &each; });
    if (group == groups_.rend() || group->gated_unit == nullptr || group->gated_unit == &node)
      continue;
    restore(*group->gated_unit);
    for (std::size_t i = 0; i < group->count; ++i) restore(*group->products.at(i));
  }
}

bool GroupPlanner::join(ggml_tensor* product) {
  if (open_ == nullptr || open_->count == ProductGroup::kMost) return false;
  const ggml_tensor& first = *open_->products[0];
  if (product->src[1] != first.src[1] || !can_share_(first, *product)) return false;
  // It is computed before the nodes between: they must not see its memory.
  if (!is_free(*product)) return false;
  if (open_->count == 1) open_->products[0]->extra = open_;
  open_->products.at(open_->count++) = product;
  product->extra = open_;
  set_computed(*product, false);
  note_memory(*product);
  return true;
}

void GroupPlanner::lead(ggml_tensor* product) {
  open_ = &groups_.emplace_back();
  open_->products[0] = product;
  open_->count = 1;
  is_adjacent_ = true;
  touched_.clear();
  note_memory(*product);
}

// Two products and the unit that reads them, with nothing in between.
bool GroupPlanner::gate(ggml_tensor* node) {
  if (open_ == nullptr || !is_adjacent_ || open_->count != 2 || !is_known_unit(*node)) return false;
  ggml_tensor& gate = *open_->products[0];
  ggml_tensor& up = *open_->products[1];
  const bool feed_it = (node->src[0] == &gate && node->src[1] == &up) ||
                       (node->src[0] == &up && node->src[1] == &gate);
  if (!feed_it || is_output(gate) || is_output(up)) return false;
  open_->products = {node->src[0], node->src[1]};
  open_->gated_unit = node;
  set_computed(gate, false);
  node->extra = open_;
  open_ = nullptr;
  return true;
}

void GroupPlanner::note_memory(const ggml_tensor& node) {
  const bool is_product_of_it = group_of(node) == open_ || open_->products[0] == &node;
  if (!is_product_of_it) is_adjacent_ = false;
  touched_.push_back(range_of(node));
  for (const ggml_tensor* source : node.src) {
    if (source != nullptr) touched_.push_back(range_of(*source));
  }
  if (touched_.size() > kFarthest) open_ = nullptr;
}

bool GroupPlanner::is_free(const ggml_tensor& node) const {
  const Range own = range_of(node);
  return std::ranges::none_of(
      touched_, [&](const Range& other) { return own.begin < other.end && other.begin < own.end; });
}

const ProductGroup* group_led_by(const ggml_tensor& node) {
  if (node.extra == nullptr) return nullptr;
  if (node.op != GGML_OP_MUL_MAT && node.op != GGML_OP_GLU) return nullptr;
  return group_of(node);
}

}  // namespace shimmy::kernels
