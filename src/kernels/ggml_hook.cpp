#include "kernels/ggml_hook.h"

#include <ggml-backend-impl.h>
#include <ggml-cpu-impl.h>
#include <ggml-cpu.h>
#include <traits.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "kernels/attention.h"
#include "kernels/group_planner.h"
#include "kernels/matrix_product.h"
#include "kernels/op_support.h"
#include "kernels/product_groups.h"
#include "kernels/row_lookup.h"
#include "kernels/weight_buffer.h"

namespace shimmy::kernels {
namespace {

// The live hook: ggml keeps a pointer to its buffer type, so it is never destroyed.
class Hook final : public ggml::cpu::extra_buffer_type, public ggml::cpu::tensor_traits {
 public:
  Hook(CpuLevel level, base::Logger log) : level_(level), log_(std::move(log)) {
    type_ = {.iface = {.get_name = [](ggml_backend_buffer_type_t) { return "shimmy"; },
                       .alloc_buffer = allocate,
                       .get_alignment = [](ggml_backend_buffer_type_t) { return std::size_t{64}; },
                       .get_max_size = nullptr,
                       .get_alloc_size =
                           [](ggml_backend_buffer_type_t, const ggml_tensor* tensor) {
                             return weight_buffer_bytes(*tensor);
                           },
                       .is_host = nullptr},
             .device = ggml_backend_reg_dev_get(ggml_backend_cpu_reg(), 0),
             .context = static_cast<ggml::cpu::extra_buffer_type*>(this)};
  }

  ggml_backend_buffer_type* type() { return &type_; }
  CpuLevel level() const { return level_; }
  void use(CpuLevel level) { level_ = level; }
  void use_attention(bool ours) { has_attention_ = ours; }
  Usage usage() const { return counters_.read(); }
  std::vector<Placement> take_placements() { return placements_.take(); }

  // Asked by the loader to place a weight, with an operand that has no memory yet, and by the
  // scheduler for every op on a weight of ours.
  bool supports_op(ggml_backend_dev_t /*device*/, const ggml_tensor* op) override {
    const std::string_view reason = reason_against(*op);
    const bool is_product = op->op == GGML_OP_MUL_MAT || op->op == GGML_OP_MUL_MAT_ID;
    if (is_product && !reason.empty()) ++counters_.refused_products;
    ggml_backend_buffer* const buffer = op->src[0]->buffer;
    const bool is_placing = buffer != nullptr && ggml_backend_buffer_get_size(buffer) == 0;
    if (is_placing && (is_product || op->op == GGML_OP_GET_ROWS)) record(*op->src[0], reason);
    return reason.empty();
  }

  // Asked for every op of every graph, by every thread: all pass by, so that the planner sees them.
  ggml::cpu::tensor_traits* get_tensor_traits(const ggml_tensor* /*op*/) override { return this; }

  // Asked for every op of a graph in their order, before each run.
  bool work_size(int threads, const ggml_tensor* op, std::size_t& size) override {
    const auto count = static_cast<std::size_t>(threads);
    const bool is_product = is_on_our_weights(*op) && op->op != GGML_OP_GET_ROWS;
    planner().add(node_of(op), kind_of(*op, is_product));
    if (const ProductGroup* group = group_of(*op)) {
      size = product_work_bytes(kernel_set(level_), *group, count);
      return true;
    }
    if (is_on_our_weights(*op)) {
      size = lookup_work_bytes(*op, count);
      return true;
    }
    if (op->op != GGML_OP_FLASH_ATTN_EXT || !has_attention_ || is_refused_attention(*op))
      return false;
    node_of(op)->extra = &planner().add_attention();
    size = attention_work_bytes(*op, count);
    return true;
  }

  bool compute_forward(ggml_compute_params* params, ggml_tensor* op) override {
    const bool is_first_thread = params->ith == 0;
    if (is_first_thread) planner().finish();
    if (const ProductGroup* group = group_of(*op)) {
      if (is_first_thread) counters_.products += group->count;
      if (is_first_thread && !group->is_alone()) ++counters_.groups;
      multiply(kernel_set(level_), *params, *group);
      return true;
    }
    if (is_on_our_weights(*op)) {
      look_up_rows(*params, *op);
      return true;
    }
    if (op->op != GGML_OP_FLASH_ATTN_EXT || !has_attention_ ||
        !reason_against_attention(*op).empty())
      return false;
    if (is_first_thread) ++counters_.attentions;
    const auto& planned = *static_cast<const PlannedAttention*>(op->extra);
    attend(attention_kernels(attention_level(planned)), *params, *op, planned.team);
    return true;
  }

 private:
  static ggml_backend_buffer_t allocate(ggml_backend_buffer_type_t type, std::size_t bytes);

  // ggml shows its plans' nodes as constants; marking them is what a planner does.
  static ggml_tensor* node_of(const ggml_tensor* op) {
    return const_cast<ggml_tensor*>(op);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }

  // Bfloats cost nothing beside 8-bit activations, but much beside 16-bit weights.
  CpuLevel attention_level(const PlannedAttention& planned) const {
    const bool is_exact = planned.products != nullptr && planned.products->multiplies_floats();
    const CpuLevel level = level_;
    return is_exact && rounds_to_bfloats(level) ? CpuLevel::Avx512Vnni : level;
  }

  // ggml plans a graph on the thread that then computes a share of it.
  static GroupPlanner& planner() {
    thread_local GroupPlanner planner;
    return planner;
  }

  bool is_on_our_weights(const ggml_tensor& op) const {
    switch (op.op) {
      case GGML_OP_MUL_MAT:
      case GGML_OP_MUL_MAT_ID:
      case GGML_OP_GET_ROWS:
        return op.src[0]->buffer != nullptr && op.src[0]->buffer->buft == &type_;
      default: return false;
    }
  }

  static GroupPlanner::Kind kind_of(const ggml_tensor& op, bool is_product) {
    if (!is_product) return GroupPlanner::Kind::Other;
    const bool can_be_grouped =
        op.op == GGML_OP_MUL_MAT && ggml_n_dims(op.src[0]) <= 2 && ggml_is_contiguous(&op);
    return can_be_grouped ? GroupPlanner::Kind::Product : GroupPlanner::Kind::LoneProduct;
  }

  void record(const ggml_tensor& weights, std::string_view reason) {
    if (placements_.add(weights.name, ggml_type_name(weights.type), reason) && !reason.empty())
      log_.debug("ggml multiplies {}: {}", weights.name, reason);
  }

  // Asked when a graph is planned, on one thread.
  bool is_refused_attention(const ggml_tensor& op) {
    const std::string_view reason = reason_against_attention(op);
    if (reason.empty()) return false;
    // Each graph has it for each layer: one line is enough.
    if (counters_.refused_attentions++ == 0) log_.debug("ggml computes attention: {}", reason);
    return true;
  }

  ggml_backend_buffer_type type_{};
  std::atomic<CpuLevel> level_;
  std::atomic<bool> has_attention_ = true;
  base::Logger log_;
  UsageCounters counters_;
  PlacementRecord placements_;
};

std::atomic<Hook*>& the_hook() {
  static std::atomic<Hook*> hook = nullptr;
  return hook;
}

ggml_backend_buffer_t Hook::allocate(ggml_backend_buffer_type_t type, std::size_t bytes) {
  return allocate_weight_buffer(type, bytes, the_hook().load()->counters_);
}

// True if ggml offers `type` to those who load models. Asking freezes ggml's answer.
bool is_offered(ggml_backend_buffer_type_t type) {
  using ListTypes = ggml_backend_buffer_type_t* (*)(ggml_backend_dev_t);
  const auto list = reinterpret_cast<ListTypes>(ggml_backend_reg_get_proc_address(
      ggml_backend_cpu_reg(), "ggml_backend_dev_get_extra_bufts"));
  if (list == nullptr) return false;
  const ggml_backend_buffer_type_t* types =
      list(ggml_backend_reg_dev_get(ggml_backend_cpu_reg(), 0));
  return types != nullptr && types[0] == type;
}

}  // namespace

base::Result<void> hook_into_ggml(CpuLevel level, const base::Logger& log) {
  if (is_hooked()) {
    use_level(level);
    return {};
  }
  auto hook = std::make_unique<Hook>(level, log);
  auto& types = ggml_backend_cpu_get_extra_buffer_types();
  types.insert(types.begin(), hook->type());
  if (!is_offered(hook->type())) {
    types.erase(types.begin());
    return base::fail(
        base::ErrorCode::Internal,
        "ggml does not take shimmy's kernels: its list of buffer types is fixed already. They "
        "must be installed before the first model is loaded.");
  }
  the_hook() = hook.release();
  return {};
}

bool is_hooked() { return the_hook().load() != nullptr; }

ggml_backend_buffer_type_t weight_buffer_type() {
  return is_hooked() ? the_hook().load()->type() : nullptr;
}

void use_level(CpuLevel level) { the_hook().load()->use(level); }

void use_attention(bool ours) { the_hook().load()->use_attention(ours); }

CpuLevel level_in_use() { return the_hook().load()->level(); }

std::vector<Placement> take_hook_placements() {
  return is_hooked() ? the_hook().load()->take_placements() : std::vector<Placement>{};
}

Usage hook_usage() { return is_hooked() ? the_hook().load()->usage() : Usage{}; }

}  // namespace shimmy::kernels
