#include "kernels/attention.h"

#include <ggml-cpu-impl.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

#include "kernels/attention_plan.h"
#include "kernels/attention_shape.h"

namespace shimmy::kernels {
namespace {

constexpr std::size_t kRowsOfItem = 192;
constexpr std::size_t kMaxGroup = 64;
// Up to so many queries each thread reads all masks itself: no inner barrier.
constexpr std::size_t kOwnQueries = 4;

std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

std::size_t queries_of_item(const AttentionShape& shape) {
  return std::clamp<std::size_t>(kRowsOfItem / shape.group(), 1, 96);
}

bool is_small(const AttentionShape& shape) {
  return shape.queries() * shape.streams() <= kOwnQueries;
}

// The parts of one thread's memory, one after another.
struct ThreadMemory {
  std::size_t plan, runs, row_list, key_list, scratch;

  std::size_t bytes() const { return plan + runs + row_list + key_list + scratch; }
};

ThreadMemory thread_memory(const AttentionShape& shape) {
  const AttentionHead head = shape.head(0, 0);
  const std::size_t rows = queries_of_item(shape) * shape.group();
  const std::size_t floats = std::max(tile_scratch(head, rows), query_scratch(head, 4));
  return {.plan = is_small(shape) ? aligned(AttentionPlan::bytes(shape)) : 0,
          .runs = aligned(shape.queries() * shape.streams() * sizeof(QueryRun)),
          .row_list = aligned(rows * sizeof(AttentionRow)),
          .key_list = aligned((shape.keys() + kKeysOfBlock) * sizeof(std::uint32_t)),
          .scratch = aligned(floats * sizeof(float))};
}

std::size_t shared_bytes(const AttentionShape& shape) {
  return is_small(shape) ? 0 : aligned(AttentionPlan::bytes(shape));
}

class Share {
 public:
  Share(const AttentionKernels& kernels, const ggml_compute_params& params, const ggml_tensor& op)
      : Share(kernels, params, op, thread_memory(AttentionShape(op))) {}

  void run() {
    if (is_small(shape_)) {
      plan_.look(0, plan_.queries());
      attend_range();
      return;
    }
    plan_.look(thread_ * plan_.queries() / threads_, (thread_ + 1) * plan_.queries() / threads_);
    if (thread_ == 0) ggml_threadpool_chunk_set(pool_, static_cast<int>(threads_));
    ggml_barrier(pool_);
    attend_chunks();
  }

 private:
  Share(const AttentionKernels& kernels, const ggml_compute_params& params, const ggml_tensor& op,
        const ThreadMemory& parts)
      : kernels_(kernels),
        shape_(op),
        thread_(static_cast<std::size_t>(params.ith)),
        threads_(static_cast<std::size_t>(params.nth)),
        pool_(params.threadpool),
        own_(static_cast<std::uint8_t*>(params.wdata) + shared_bytes(shape_) +
             thread_ * parts.bytes()),
        plan_(shape_, kernels, is_small(shape_) ? own_ : static_cast<std::uint8_t*>(params.wdata)),
        run_list_(reinterpret_cast<QueryRun*>(own_ + parts.plan)),
        rows_(reinterpret_cast<AttentionRow*>(own_ + parts.plan + parts.runs)),
        keys_(reinterpret_cast<std::uint32_t*>(own_ + parts.plan + parts.runs + parts.row_list)),
        scratch_(reinterpret_cast<float*>(own_ + parts.bytes() - parts.scratch)) {}

  // Items are a query and a KV head, or one query head where that would leave threads without work.
  void attend_range() {
    const std::size_t heads_of_item =
        plan_.queries() * shape_.kv_heads() < 4 * threads_ ? 1 : shape_.group();
    const std::size_t items_of_query = shape_.kv_heads() * shape_.group() / heads_of_item;
    const std::size_t items = plan_.queries() * items_of_query;
    for (std::size_t item = thread_ * items / threads_; item < (thread_ + 1) * items / threads_;
         ++item) {
      attend_alone(item / items_of_query % shape_.queries(),
                   item / items_of_query / shape_.queries(), item % items_of_query * heads_of_item,
                   heads_of_item);
    }
  }

  // Items are a run and a KV head.
  void attend_chunks() {
    const std::span<const QueryRun> runs = plan_.runs(queries_of_item(shape_), run_list_);
    for (std::size_t item = thread_; item < runs.size() * shape_.kv_heads();
         item = static_cast<std::size_t>(ggml_threadpool_chunk_add(pool_, 1))) {
      // The last queries see most keys: the longest work comes first.
      const QueryRun& run = runs[runs.size() - 1 - item / shape_.kv_heads()];
      const std::size_t kv_head = item % shape_.kv_heads();
      if (run.count > 1) attend_together(run, kv_head);
      else attend_alone(run.first, run.stream, kv_head * shape_.group(), shape_.group());
    }
  }

  void attend_together(const QueryRun& run, std::size_t kv_head) {
    std::size_t count = 0;
    for (std::size_t query = run.first; query < run.first + run.count; ++query) {
      for (std::size_t g = 0; g < shape_.group(); ++g)
        rows_[count++] = row(query, kv_head * shape_.group() + g, run.stream);
    }
    kernels_.attend_rows(shape_.head(kv_head, run.stream), rows_, count, scratch_);
  }

  void attend_alone(std::size_t query, std::size_t stream, std::size_t first, std::size_t heads) {
    if (stream * shape_.queries() + query != listed_) {
      key_count_ = list_bits(plan_.sight(query, stream), (shape_.keys() + 63) / 64, keys_);
      listed_ = stream * shape_.queries() + query;
    }
    for (std::size_t g = 0; g < heads; ++g) rows_[g] = row(query, first + g, stream);
    for (std::size_t g = 0; g < heads; g += 4) {
      kernels_.attend_query(shape_.head(first / shape_.group(), stream), rows_ + g,
                            std::min<std::size_t>(4, heads - g), keys_, key_count_, scratch_);
    }
  }

  AttentionRow row(std::size_t query, std::size_t head, std::size_t stream) const {
    AttentionRow row = shape_.row(query, head, stream);
    row.sight = plan_.sight(query, stream);
    if (!plan_.has_weights(query, stream)) row.mask = nullptr;
    return row;
  }

  const AttentionKernels& kernels_;
  AttentionShape shape_;
  std::size_t thread_;
  std::size_t threads_;
  ggml_threadpool* pool_;
  std::uint8_t* own_;
  AttentionPlan plan_;
  QueryRun* run_list_;
  AttentionRow* rows_;
  std::uint32_t* keys_;  // that query `listed_` sees
  std::size_t key_count_ = 0;
  std::size_t listed_ = std::numeric_limits<std::size_t>::max();
  float* scratch_;
};

bool has_cache_type(const ggml_tensor& tensor) {
  const bool is_known = tensor.type == GGML_TYPE_F16 || tensor.type == GGML_TYPE_Q8_0;
  return is_known && tensor.nb[0] == ggml_type_size(tensor.type) && tensor.ne[0] % 16 == 0;
}

}  // namespace

std::string_view reason_against_attention(const ggml_tensor& op) {
  const ggml_tensor& q = *op.src[0];
  const ggml_tensor& k = *op.src[1];
  const ggml_tensor& v = *op.src[2];
  const ggml_tensor* mask = op.src[3];
  if (!has_cache_type(k) || !has_cache_type(v))
    return "keys or values are neither 16-bit floats nor Q8_0";
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
  const AttentionShape shape(op);
  return shared_bytes(shape) + threads * thread_memory(shape).bytes();
}

void attend(const AttentionKernels& kernels, const ggml_compute_params& params,
            const ggml_tensor& op) {
  Share(kernels, params, op).run();
}

}  // namespace shimmy::kernels
