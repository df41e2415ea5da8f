#include "kernels/attention.h"

#include <ggml-cpu-impl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "kernels/attention_shape.h"

namespace shimmy::kernels {
namespace {

// From so many queries of a stream on, keys are unpacked for many rows at once.
constexpr std::size_t kQueriesOfPrompt = 8;
constexpr std::size_t kRowsOfItem = 192;
constexpr std::size_t kMaxGroup = 64;

std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

bool is_prompt(const AttentionShape& shape) { return shape.queries() >= kQueriesOfPrompt; }

std::size_t queries_of_item(const AttentionShape& shape) {
  return std::clamp<std::size_t>(kRowsOfItem / shape.group(), 1, 96);
}

// Floats, row descriptions or key indices of one thread.
std::size_t thread_bytes(const AttentionShape& shape) {
  const AttentionHead head = shape.head(0, 0);
  if (is_prompt(shape)) {
    const std::size_t rows = queries_of_item(shape) * shape.group();
    return aligned(tile_scratch(head, rows) * sizeof(float)) + aligned(rows * sizeof(AttentionRow));
  }
  return aligned(query_scratch(head, 4) * sizeof(float)) +
         aligned(shape.keys() * sizeof(std::uint32_t));
}

class Share {
 public:
  Share(const AttentionKernels& kernels, const ggml_compute_params& params, const ggml_tensor& op)
      : kernels_(kernels),
        shape_(op),
        thread_(static_cast<std::size_t>(params.ith)),
        threads_(static_cast<std::size_t>(params.nth)),
        pool_(params.threadpool),
        memory_(static_cast<std::uint8_t*>(params.wdata) + thread_ * thread_bytes(shape_)) {}

  void run() {
    if (is_prompt(shape_)) attend_prompts();
    else attend_steps();
  }

 private:
  void attend_prompts() {
    const std::size_t heads = shape_.kv_heads() * shape_.streams();
    const std::size_t parts =
        (shape_.queries() + queries_of_item(shape_) - 1) / queries_of_item(shape_);
    if (thread_ == 0) ggml_threadpool_chunk_set(pool_, static_cast<int>(threads_));
    ggml_barrier(pool_);
    for (std::size_t item = thread_; item < heads * parts;
         item = static_cast<std::size_t>(ggml_threadpool_chunk_add(pool_, 1))) {
      // The last queries see most keys: the longest work comes first.
      attend_part(parts - 1 - item / heads, item % shape_.kv_heads(),
                  item % heads / shape_.kv_heads());
    }
  }

  void attend_part(std::size_t part, std::size_t kv_head, std::size_t stream) {
    const std::size_t first = part * queries_of_item(shape_);
    const std::size_t last = std::min(shape_.queries(), first + queries_of_item(shape_));
    const AttentionHead head = shape_.head(kv_head, stream);
    auto* const rows = reinterpret_cast<AttentionRow*>(memory_);
    std::size_t count = 0;
    for (std::size_t query = first; query < last; ++query) {
      for (std::size_t g = 0; g < shape_.group(); ++g) {
        rows[count++] = shape_.row(query, kv_head * shape_.group() + g, stream);
      }
    }
    auto* const scratch =
        memory_ + aligned(queries_of_item(shape_) * shape_.group() * sizeof(AttentionRow));
    kernels_.attend_rows(head, rows, count, reinterpret_cast<float*>(scratch));
  }

  // Items are a query and a KV head, or one query head where that would leave threads without work.
  void attend_steps() {
    auto* const visible = reinterpret_cast<std::uint32_t*>(memory_);
    auto* const scratch =
        reinterpret_cast<float*>(memory_ + aligned(shape_.keys() * sizeof(std::uint32_t)));
    const std::size_t queries = shape_.queries() * shape_.streams();
    const bool is_split = queries * shape_.kv_heads() < 4 * threads_;
    const std::size_t items = queries * shape_.kv_heads() * (is_split ? shape_.group() : 1);
    const std::size_t heads_of_item = is_split ? 1 : shape_.group();
    std::size_t seen_by = queries;
    std::size_t count = 0;
    for (std::size_t item = thread_ * items / threads_; item < (thread_ + 1) * items / threads_;
         ++item) {
      const std::size_t at = item / (items / queries);
      const std::size_t query = at % shape_.queries();
      const std::size_t stream = at / shape_.queries();
      if (at != seen_by) count = list_visible(shape_.mask(query, stream), visible);
      seen_by = at;
      const std::size_t first_head = item % (items / queries) * heads_of_item;
      attend_heads(query, stream, first_head, heads_of_item, {visible, count}, scratch);
    }
  }

  void attend_heads(std::size_t query, std::size_t stream, std::size_t first, std::size_t count,
                    std::span<const std::uint32_t> visible, float* scratch) const {
    const AttentionHead head = shape_.head(first / shape_.group(), stream);
    std::array<AttentionRow, 4> rows;
    for (std::size_t done = 0; done < count; done += rows.size()) {
      const std::size_t now = std::min(rows.size(), count - done);
      for (std::size_t i = 0; i < now; ++i)
        rows.at(i) = shape_.row(query, first + done + i, stream);
      kernels_.attend_query(head, rows.data(), now, visible.data(), visible.size(), scratch);
    }
  }

  // A shared cache holds many keys of others: runs of four that are masked cost one comparison.
  std::size_t list_visible(const std::uint16_t* mask, std::uint32_t* visible) const {
    std::size_t count = 0;
    const std::size_t keys = shape_.keys();
    constexpr std::uint64_t kFourMasked = 0xfc00fc00fc00fc00;
    for (std::size_t key = 0; key < keys;) {
      if (mask != nullptr && key + 16 <= keys) {
        std::array<std::uint64_t, 4> runs;
        std::memcpy(runs.data(), mask + key, sizeof(runs));
        const std::uint64_t difference = (runs[0] ^ kFourMasked) | (runs[1] ^ kFourMasked) |
                                         (runs[2] ^ kFourMasked) | (runs[3] ^ kFourMasked);
        if (difference == 0) {
          key += 16;
          continue;
        }
      }
      for (const std::size_t end = std::min(keys, key + 16); key < end; ++key) {
        visible[count] = static_cast<std::uint32_t>(key);
        count += mask == nullptr || mask[key] != kMaskedHalf ? 1U : 0U;
      }
    }
    return count;
  }

  const AttentionKernels& kernels_;
  AttentionShape shape_;
  std::size_t thread_;
  std::size_t threads_;
  ggml_threadpool* pool_;
  std::uint8_t* memory_;
};

bool has_cache_type(const ggml_tensor& tensor) {
  return tensor.type == GGML_TYPE_F16 && tensor.nb[0] == sizeof(std::uint16_t) &&
         tensor.ne[0] % 16 == 0;
}

}  // namespace

std::string_view reason_against_attention(const ggml_tensor& op) {
  const ggml_tensor& q = *op.src[0];
  const ggml_tensor& k = *op.src[1];
  const ggml_tensor& v = *op.src[2];
  const ggml_tensor* mask = op.src[3];
  float softcap = 0;
  std::memcpy(&softcap, op.op_params + 2, sizeof(softcap));
  if (softcap != 0) return "scores are capped";
  if (!has_cache_type(k) || !has_cache_type(v)) return "keys or values are no 16-bit floats";
  if (q.type != GGML_TYPE_F32 || q.nb[0] != sizeof(float) || op.type != GGML_TYPE_F32)
    return "an unusual query";
  if (k.ne[2] != v.ne[2] || k.ne[3] != q.ne[3] || v.ne[3] != q.ne[3])
    return "keys and values are shared unequally";
  if (q.ne[2] % k.ne[2] != 0 || q.ne[2] / k.ne[2] > static_cast<std::int64_t>(kMaxGroup))
    return "an odd number of heads";
  if (mask != nullptr && (mask->type != GGML_TYPE_F16 || mask->ne[2] != 1))
    return "a mask for each head";
  return {};
}

std::size_t attention_work_bytes(const ggml_tensor& op, std::size_t threads) {
  return threads * thread_bytes(AttentionShape(op));
}

void attend(const AttentionKernels& kernels, const ggml_compute_params& params,
            const ggml_tensor& op) {
  Share(kernels, params, op).run();
}

}  // namespace shimmy::kernels
