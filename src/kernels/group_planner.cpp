#include "kernels/group_planner.h"

#include <algorithm>
#include <array>

#include "kernels/graph_nodes.h"
#include "kernels/product_tail.h"

namespace shimmy::kernels {
namespace {

// Products that belong together lie within a few nodes: norms, RoPE and views are between them.
constexpr std::size_t kFarthest = 48;

void restore_norm(RmsNorm& norm) {
  if (!norm) return;
  restore(*norm.norm);
  restore(*norm.product);
  norm = {};
}

void restore_chain(HeadChain& chain) {
  restore_norm(chain.norm);
  if (chain.rope != nullptr) restore(*chain.rope);
  if (chain.store != nullptr) restore(*chain.store);
  chain = {};
}

bool is_part_of(const ggml_tensor& node, const RmsNorm& norm) {
  return &node == norm.norm || &node == norm.product;
}

// Products that something else takes the place of, and norms within chains.
bool is_unwritten(const ggml_tensor& node, const ProductGroup& group) {
  for (std::size_t i = 0; i < group.count; ++i) {
    const HeadChain& chain = group.chains.at(i);
    if (is_part_of(node, chain.norm)) return true;
    if (&node == group.products.at(i)) return group.tail != nullptr || chain;
  }
  return false;
}

}  // namespace

PlannedAttention& GroupPlanner::add_attention() {
  PlannedAttention& planned = attentions_.emplace_back();
  planned.products = last_group();
  return planned;
}

void GroupPlanner::start_over() {
  groups_.clear();
  rotations_.clear();
  attentions_.clear();
  open_ = nullptr;
  norms_ = {};
  is_finished_ = false;
}

void GroupPlanner::add(ggml_tensor* node, Kind kind) {
  if (is_finished_) start_over();
  if (can_be_part(*node)) restore(*node);
  if (!is_computed(*node)) return;
  if (kind == Kind::Product && join(node)) return;
  if (open_ != nullptr && (rotate(node) || store(node))) return;
  look_at_readers(*node);
  if (is_view(*node)) return;
  if (kind == Kind::Product) lead(node);
  else if (!end_with(node) && open_ != nullptr) pass(*node);
  if (kind == Kind::LoneProduct) begin_group(*node);
  norms_.add(node);
}

// What another graph has computed may still have the address of a group that is gone.
ProductGroup* GroupPlanner::find(const ggml_tensor& node) {
  if (!can_be_part(node) || node.extra == nullptr) return nullptr;
  const auto group =
      std::ranges::find(groups_.rbegin(), groups_.rend(), node.extra,
                        [](const ProductGroup& each) -> const void* { return &each; });
  return group == groups_.rend() ? nullptr : &*group;
}

// Some results are never written: who else reads one of them undoes it.
void GroupPlanner::look_at_readers(const ggml_tensor& node) {
  for (const ggml_tensor* source : node.src) {
    if (source == nullptr) continue;
    const ggml_tensor& owner = owner_of(*source);
    ProductGroup* const group = find(owner);
    if (group == nullptr) continue;
    if (is_part_of(owner, group->norm)) restore_norm(group->norm);
    else if (is_unwritten(owner, *group)) dissolve(*group);
    else continue;
    open_ = nullptr;
  }
}

// Each product is computed by itself again.
void GroupPlanner::dissolve(ProductGroup& group) {
  restore_norm(group.norm);
  if (group.tail != nullptr) restore(*group.tail);
  for (std::size_t i = 0; i < group.count; ++i) {
    restore_chain(group.chains.at(i));
    restore(*group.products.at(i));
    begin_group(*group.products.at(i));
  }
}

bool GroupPlanner::join(ggml_tensor* product) {
  if (open_ == nullptr || open_->count == ProductGroup::kMost) return false;
  if (product->src[1] != open_->products[0]->src[1]) return false;
  // It is computed before the nodes between: they must not see its memory.
  if (!touched_.is_free(*product)) return false;
  open_->factors.at(open_->count) = factor_of(*product);
  open_->products.at(open_->count++) = product;
  take_result(*product);
  return true;
}

ProductGroup& GroupPlanner::begin_group(ggml_tensor& product) {
  ProductGroup* const before = groups_.empty() ? nullptr : &groups_.back();
  ProductGroup& group = groups_.emplace_back();
  if (before != nullptr) before->following = &group;
  group.products[0] = &product;
  group.factors[0] = factor_of(product);
  group.count = 1;
  product.extra = &group;
  return group;
}

void GroupPlanner::lead(ggml_tensor* product) {
  open_ = &begin_group(*product);
  is_adjacent_ = true;
  touched_.clear();
  if (const RmsNorm norm = norm_before(*product)) {
    take_norm(norm);
    open_->norm = norm;
  }
  touched_.add(*product);
  touched_.add(open_->input());
}

// The norm that came right before and gave what the node reads.
RmsNorm GroupPlanner::norm_before(const ggml_tensor& node) const {
  const RmsNorm norm = norms_.last();
  if (!norm || norm.product != node.src[node.op == GGML_OP_MUL_MAT ? 1 : 0]) return {};
  return is_output(*norm.norm) || is_output(*norm.product) ? RmsNorm{} : norm;
}

void GroupPlanner::take_norm(const RmsNorm& norm) {
  take(*norm.norm, open_);
  take(*norm.product, open_);
}

// A result that is computed as early as the first product.
void GroupPlanner::take_result(ggml_tensor& node) {
  take(node, open_);
  touched_.add(node);
}

// A node that reads the products and comes right after them.
bool GroupPlanner::end_with(ggml_tensor* node) {
  if (open_ == nullptr || !is_adjacent_ || !can_end(*open_, *node)) return false;
  for (std::size_t i = 0; i < open_->count; ++i) take(*open_->products.at(i), open_);
  open_->tail = node;
  node->extra = open_;
  open_ = nullptr;
  return true;
}

// RoPE of one of the products, maybe after a norm of each head.
bool GroupPlanner::rotate(ggml_tensor* rope) {
  if (rope->op != GGML_OP_ROPE) return false;
  for (std::size_t i = 0; i < open_->count; ++i) {
    const ggml_tensor& product = *open_->products.at(i);
    HeadChain& chain = open_->chains.at(i);
    const RmsNorm norm = norm_before(*rope);
    if (chain || is_output(product) || !rotates(*rope, product, norm)) continue;
    // It is computed before the nodes between; its product and its norm are not written.
    const std::array<const ggml_tensor*, 3> unwritten = {&product, norm.norm, norm.product};
    if (!touched_.is_free(*rope, unwritten)) return false;
    touched_.forget(unwritten);
    if (norm) take_norm(norm);
    chain = {.norm = norm, .rope = rope, .rotations = &rotations_of(*rope)};
    take_result(*rope);
    is_adjacent_ = false;
    return true;
  }
  return false;
}

// The write of a product, or of what RoPE made of it, into the KV cache.
bool GroupPlanner::store(ggml_tensor* store) {
  if (store->op != GGML_OP_SET_ROWS || !touched_.is_free(*store)) return false;
  for (std::size_t i = 0; i < open_->count; ++i) {
    const ggml_tensor& product = *open_->products.at(i);
    HeadChain& chain = open_->chains.at(i);
    const bool is_next = chain.rope != nullptr
                             ? chain.store == nullptr && stores_rotated(*store, *chain.rope)
                             : !chain && !is_output(product) && stores_product(*store, product);
    if (!is_next) continue;
    if (chain.rope == nullptr) touched_.forget(std::array<const ggml_tensor*, 1>{&product});
    chain.store = store;
    take_result(*store);
    is_adjacent_ = false;
    return true;
  }
  return false;
}

Rotations& GroupPlanner::rotations_of(const ggml_tensor& rope) {
  const auto known = std::ranges::find_if(
      rotations_, [&](const Rotations& rotations) { return rotations.serves(rope); });
  return known != rotations_.end() ? *known : rotations_.emplace_back(rope);
}

// A node that is computed in its own place.
void GroupPlanner::pass(const ggml_tensor& node) {
  is_adjacent_ = false;
  touched_.add_with_operands(node);
  if (touched_.size() > kFarthest) open_ = nullptr;
}

}  // namespace shimmy::kernels
