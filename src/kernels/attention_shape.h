// The operands of a FLASH_ATTN_EXT, by head, query and stream.
#pragma once

#include <ggml.h>

#include <cstddef>
#include <cstdint>

#include "kernels/attention_kernels.h"

namespace shimmy::kernels {

class AttentionShape {
 public:
  // Requires: reason_against_attention(op) is empty. Keeps a reference to `op`.
  explicit AttentionShape(const ggml_tensor& op);

  std::size_t queries() const { return queries_; }  // of one stream
  std::size_t streams() const { return streams_; }
  std::size_t kv_heads() const { return kv_heads_; }
  std::size_t group() const { return heads_ / kv_heads_; }  // query heads that share a KV head
  std::size_t keys() const { return keys_; }

  AttentionHead head(std::size_t kv_head, std::size_t stream) const;
  // Without what the row sees, which AttentionPlan knows.
  AttentionRow row(std::size_t query, std::size_t head, std::size_t stream) const;

  // The mask of a query, a 16-bit float for each key; null: it sees all.
  const std::uint16_t* mask(std::size_t query, std::size_t stream) const;

 private:
  float slope(std::size_t head) const;

  const ggml_tensor& op_;
  std::size_t queries_;
  std::size_t heads_;
  std::size_t streams_;
  std::size_t kv_heads_;
  std::size_t keys_;
  float scale_ = 0;
  float max_bias_ = 0;
  float cap_ = 0;
};

}  // namespace shimmy::kernels
