// What each layer of a model keeps and computes, out of the sizes of its tensors.
#pragma once

#include <vector>

#include "gguf/header.h"
#include "pool/memory_shape.h"

namespace shimmy::pool {

// The tensors are those of all files of the model; the keys are the first one's.
std::vector<LayerShape> layer_shapes(const gguf::Header& first,
                                     const std::vector<gguf::Tensor>& tensors);

}  // namespace shimmy::pool
