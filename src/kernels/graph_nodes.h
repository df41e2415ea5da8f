// What planners read and write in the nodes of ggml's graphs.
#pragma once

#include <ggml.h>

namespace shimmy::kernels {

inline bool is_computed(const ggml_tensor& node) {
  return (node.flags & GGML_TENSOR_FLAG_COMPUTE) != 0;
}

// Read by whoever runs the graph.
inline bool is_output(const ggml_tensor& node) {
  return (node.flags & GGML_TENSOR_FLAG_OUTPUT) != 0;
}

inline bool is_view(const ggml_tensor& node) {
  return node.op == GGML_OP_NONE || node.op == GGML_OP_RESHAPE || node.op == GGML_OP_VIEW ||
         node.op == GGML_OP_PERMUTE || node.op == GGML_OP_TRANSPOSE;
}

// The node whose memory it is.
inline const ggml_tensor& owner_of(const ggml_tensor& tensor) {
  return tensor.view_src != nullptr ? *tensor.view_src : tensor;
}

// Marks a node as computed by the one that computes `group`: ggml skips it and its barrier.
inline void take(ggml_tensor& node, void* group) {
  node.extra = group;
  node.flags &= ~GGML_TENSOR_FLAG_COMPUTE;
}

// Undoes what a plan has done to the node.
inline void restore(ggml_tensor& node) {
  if (node.extra == nullptr) return;
  node.extra = nullptr;
  node.flags |= GGML_TENSOR_FLAG_COMPUTE;
}

struct MemoryRange {
  const char* begin;
  const char* end;

  explicit MemoryRange(const ggml_tensor& tensor)
      : begin(static_cast<const char*>(tensor.data)), end(begin + ggml_nbytes(&tensor)) {}
  bool overlaps(const MemoryRange& other) const { return begin < other.end && other.begin < end; }
};

}  // namespace shimmy::kernels
