#include "kernels/touched_memory.h"

#include <algorithm>

namespace shimmy::kernels {

bool TouchedMemory::Touch::is_of(Nodes nodes) const {
  return std::ranges::find(nodes, node) != nodes.end();
}

void TouchedMemory::add(const ggml_tensor& tensor) {
  touches_.push_back({&tensor, MemoryRange(tensor)});
}

void TouchedMemory::add_with_operands(const ggml_tensor& node) {
  add(node);
  for (const ggml_tensor* source : node.src) {
    if (source != nullptr) touches_.push_back({&node, MemoryRange(*source)});
  }
}

void TouchedMemory::forget(Nodes nodes) {
  std::erase_if(touches_, [&](const Touch& each) { return each.is_of(nodes); });
}

bool TouchedMemory::is_free(const ggml_tensor& tensor, Nodes ignored) const {
  const MemoryRange own(tensor);
  return std::ranges::none_of(touches_, [&](const Touch& each) {
    return own.overlaps(each.range) && !each.is_of(ignored);
  });
}

}  // namespace shimmy::kernels
