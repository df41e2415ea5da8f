// Which memory the nodes of a graph have read or written: what is computed before its place in the
// graph must not be written there.
#pragma once

#include <ggml.h>

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/graph_nodes.h"

namespace shimmy::kernels {

class TouchedMemory {
 public:
  // Null ones stand for no node.
  using Nodes = std::span<const ggml_tensor* const>;

  void clear() { touches_.clear(); }
  // A tensor's own memory.
  void add(const ggml_tensor& tensor);
  // A node's own memory and that of its operands.
  void add_with_operands(const ggml_tensor& node);
  // As if they had never been added.
  void forget(Nodes nodes);

  // True if what was added, but for `ignored`, leaves the tensor's memory alone.
  bool is_free(const ggml_tensor& tensor, Nodes ignored = {}) const;

  std::size_t size() const { return touches_.size(); }  // in ranges of memory

 private:
  struct Touch {
    const ggml_tensor* node;
    MemoryRange range;

    bool is_of(Nodes nodes) const;
  };
  std::vector<Touch> touches_;
};

}  // namespace shimmy::kernels
