// Products of a graph that are computed in one go: those that multiply the same activations (Q, K
// and V), and a gated unit with the two products that feed it.
#pragma once

#include <ggml.h>

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

namespace shimmy::kernels {

struct ProductGroup {
  static constexpr std::size_t kMost = 3;

  std::array<ggml_tensor*, kMost> products{};  // MUL_MAT nodes with one and the same src[1]
  std::size_t count = 0;
  ggml_tensor* gated_unit =
      nullptr;  // GLU of products[0] and products[1], whose results it replaces
};

// Forms the groups of a graph while ggml plans it, which it does before each run, node by node, on
// the thread that then computes node 0. One object a thread. The node that computes a group is its
// first product, or the gated unit; the others lose GGML_TENSOR_FLAG_COMPUTE, so that ggml skips
// them and their barrier. A group's address is in the `extra` of its nodes until the next plan.
class GroupPlanner {
 public:
  // True if both products can share their rounded activations.
  using CanShare = std::function<bool(const ggml_tensor& first, const ggml_tensor& second)>;

  explicit GroupPlanner(CanShare can_share) : can_share_(std::move(can_share)) {}

  // The next node of the graph that is being planned. `is_ours`: a dense product with our kernels.
  void add(ggml_tensor* node, bool is_ours);

  // The graph has begun to run: the next node is the first of another plan.
  void finish() { is_finished_ = true; }

 private:
  void start_over();
  void look_at_readers(const ggml_tensor& node);
  bool join(ggml_tensor* product);
  void lead(ggml_tensor* product);
  bool gate(ggml_tensor* node);
  void note_memory(const ggml_tensor& node);
  bool is_free(const ggml_tensor& node) const;

  struct Range {
    const char* begin;
    const char* end;
  };
  static Range range_of(const ggml_tensor& tensor);

  CanShare can_share_;
  std::deque<ProductGroup> groups_;  // of the present graph; addresses stay
  ProductGroup* open_ = nullptr;     // that the next product may join
  bool is_adjacent_ = false;         // nothing has been computed since the last product of it
  std::vector<Range> touched_;       // read or written since its first product
  bool is_finished_ = false;
};

// The group that `node` computes; null if it computes only itself.
const ProductGroup* group_led_by(const ggml_tensor& node);

}  // namespace shimmy::kernels
