// RMS norms of a graph (Zhang and Sennrich, 2019) that the op after them can take over: norm_rows.h
// computes them.
#pragma once

#include <ggml.h>

namespace shimmy::kernels {

// A node RMS_NORM and the MUL by one row of weights that follows it, taken by another op.
struct RmsNorm {
  ggml_tensor* norm = nullptr;
  ggml_tensor* product = nullptr;
  const float* weights = nullptr;
  float epsilon = 0;

  explicit operator bool() const { return product != nullptr; }
  const ggml_tensor& input() const { return *norm->src[0]; }
};

// Finds such pairs among nodes that are shown to it in the order in which they are computed.
class NormFinder {
 public:
  void add(ggml_tensor* node);
  // The pair, if its product was the last node.
  const RmsNorm& last() const { return last_; }

 private:
  ggml_tensor* norm_ = nullptr;  // the last node, if it is one
  RmsNorm last_;
};

}  // namespace shimmy::kernels
