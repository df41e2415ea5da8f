// The angles of rotary position embedding (Su et al., 2021; with YaRN's scaling, Peng et al., 2023)
// of all tokens of a batch: the same for all layers that rotate alike.
#pragma once

#include <ggml.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace shimmy::kernels {

// True for what rotate() does: 32-bit floats, pairs side by side or half a head apart.
bool can_rotate(const ggml_tensor& rope);

class Rotations {
 public:
  // Of a ROPE node; its positions need not be there yet.
  explicit Rotations(const ggml_tensor& rope);

  bool serves(const ggml_tensor& rope) const;
  std::size_t tokens() const;

  // False until finish(). Shares of fill() may run on several threads; finish() follows them all.
  bool is_filled() const { return is_filled_; }
  void fill(std::size_t first_token, std::size_t last_token);
  void finish() { is_filled_ = true; }

  // Rotates one head; `to` may be `from`. Requires: the token is filled.
  void rotate(std::size_t token, const float* from, float* to) const;

 private:
  const ggml_tensor* rope_;    // one of those that it serves
  std::size_t head_;           // values of a head
  std::size_t pairs_;          // of values that are rotated
  bool is_split_;              // a pair is half of the rotated values apart
  std::vector<float> angles_;  // of each token: the cosines of all pairs, then the sines
  bool is_filled_ = false;
};

}  // namespace shimmy::kernels
