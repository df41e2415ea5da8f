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

// Where one thread has all keys of a query, it takes so many of its heads at a time.
constexpr std::size_t kRowsAtOnce = 4;

// Of the keys of one query.
std::size_t most_parts(const AttentionShape& shape) {
  return std::min(kMostParts, (shape.keys() + keys_of_part(1) - 1) / keys_of_part(1));
}

// The pieces of one thread's memory, one after another.
struct ThreadMemory {
  std::size_t plan, runs, row_list, key_list, parts, scratch;

  std::size_t bytes() const { return plan + runs + row_list + key_list + parts + scratch; }
};

ThreadMemory thread_memory(const AttentionShape& shape) {
  const AttentionHead head = shape.head(0, 0);
  const std::size_t rows = queries_of_item(shape) * shape.group();
  const std::size_t floats = std::max(tile_scratch(head, rows), query_scratch(head));
  const std::size_t parts = kRowsAtOnce * most_parts(shape) * part_floats(head);
  return {.plan = is_small(shape) ? aligned(AttentionPlan::bytes(shape)) : 0,
          .runs = aligned(shape.queries() * shape.streams() * sizeof(QueryRun)),
          .row_list = aligned(rows * sizeof(AttentionRow)),
          .key_list = aligned((shape.keys() + kKeysOfBlock) * sizeof(std::uint32_t)),
          .parts = is_small(shape) ? 0 : aligned(parts * sizeof(float)),
          .scratch = aligned(floats * sizeof(float))};
}

// The plan; or of few queries the parts, by query, KV head and part of the keys, of each head.
std::size_t shared_bytes(const AttentionShape& shape) {
  if (!is_small(shape)) return aligned(AttentionPlan::bytes(shape));
  const std::size_t heads = shape.queries() * shape.streams() * shape.kv_heads() * shape.group();
  return aligned(heads * most_parts(shape) * part_floats(shape.head(0, 0)) * sizeof(float));
}

class Share {
 public:
  Share(const AttentionKernels& kernels, const ggml_compute_params& params, const ggml_tensor& op,
        AttentionTeam& team)
      : Share(kernels, params, op, team, thread_memory(AttentionShape(op))) {}

  void run() {
    if (is_small(shape_)) {
      plan_.look(0, plan_.queries());
      attend_parts();
      if (team_.is_last(threads_)) join_parts();
      return;
    }
    plan_.look(thread_ * plan_.queries() / threads_, (thread_ + 1) * plan_.queries() / threads_);
    if (thread_ == 0) ggml_threadpool_chunk_set(pool_, static_cast<int>(threads_));
    ggml_barrier(pool_);
    attend_chunks();
  }

 private:
  Share(const AttentionKernels& kernels, const ggml_compute_params& params, const ggml_tensor& op,
        AttentionTeam& team, const ThreadMemory& pieces)
      : kernels_(kernels),
        shape_(op),
        team_(team),
        part_floats_(part_floats(shape_.head(0, 0))),
        thread_(static_cast<std::size_t>(params.ith)),
        threads_(static_cast<std::size_t>(params.nth)),
        pool_(params.threadpool),
        own_(static_cast<std::uint8_t*>(params.wdata) + shared_bytes(shape_) +
             thread_ * pieces.bytes()),
        plan_(shape_, kernels, is_small(shape_) ? own_ : static_cast<std::uint8_t*>(params.wdata)),
        run_list_(reinterpret_cast<QueryRun*>(own_ + pieces.plan)),
        rows_(reinterpret_cast<AttentionRow*>(own_ + pieces.plan + pieces.runs)),
        keys_(reinterpret_cast<std::uint32_t*>(own_ + pieces.plan + pieces.runs + pieces.row_list)),
        parts_(reinterpret_cast<float*>(is_small(shape_) ? static_cast<std::uint8_t*>(params.wdata)
                                                         : own_ + pieces.bytes() - pieces.scratch -
                                                               pieces.parts)),
        scratch_(reinterpret_cast<float*>(own_ + pieces.bytes() - pieces.scratch)) {}

  // A query and a KV head.
  struct Pair {
    std::size_t query, stream, kv_head;
    float* parts;  // of all heads of the group, for each part of the keys
    std::size_t part_count;
  };

  Pair pair(std::size_t index, std::size_t kv_head) const {
    const std::size_t query = index % shape_.queries();
    const std::size_t stream = index / shape_.queries();
    const std::size_t pairs_before = index * shape_.kv_heads() + kv_head;
    return {query, stream, kv_head,
            parts_ + pairs_before * shape_.group() * most_parts(shape_) * part_floats_,
            count_parts(plan_.seen(query, stream))};
  }

  // As many parts for each thread; those of all heads follow one another, as their keys do in
  // memory.
  void attend_parts() {
    std::size_t all = 0;
    for (std::size_t i = 0; i < plan_.queries(); ++i)
      all += pair(i, 0).part_count * shape_.kv_heads();
    const std::size_t last = (thread_ + 1) * all / threads_;
    std::size_t item = thread_ * all / threads_;
    std::size_t before = 0;
    for (std::size_t i = 0; i < plan_.queries(); ++i) {
      const std::size_t end = before + pair(i, 0).part_count * shape_.kv_heads();
      for (; item < std::min(end, last); ++item) {
        const std::size_t part = (item - before) / shape_.kv_heads();
        const Pair now = pair(i, (item - before) % shape_.kv_heads());
        attend_part(now, part, 0, shape_.group(), now.parts + part * shape_.group() * part_floats_);
      }
      before = end;
    }
  }

  void join_parts() {
    for (std::size_t i = 0; i < plan_.queries(); ++i) {
      for (std::size_t head = 0; head < shape_.kv_heads(); ++head)
        join(pair(i, head), 0, shape_.group());
    }
  }

  // Some heads of a group.
  void attend_part(const Pair& pair, std::size_t part, std::size_t first_head, std::size_t heads,
                   float* to) {
    list_keys(pair.query, pair.stream);
    const std::size_t step = keys_of_part(key_count_);
    const std::size_t first = part * step;
    for (std::size_t g = 0; g < heads; ++g)
      rows_[g] = row(pair.query, pair.kv_head * shape_.group() + first_head + g, pair.stream);
    for (std::size_t g = 0; g < heads; g += kRowsAtOnce) {
      kernels_.attend_keys(shape_.head(pair.kv_head, pair.stream), rows_ + g,
                           std::min(kRowsAtOnce, heads - g), keys_ + first,
                           std::min(step, key_count_ - first), scratch_, to + g * part_floats_);
    }
  }

  void join(const Pair& pair, std::size_t first_head, std::size_t heads) {
    for (std::size_t g = 0; g < heads; ++g) {
      kernels_.join_parts(
          row(pair.query, pair.kv_head * shape_.group() + first_head + g, pair.stream),
          shape_.head(0, 0).value_size, pair.parts + g * part_floats_, heads * part_floats_,
          pair.part_count);
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
      else attend_alone(run.first, run.stream, kv_head);
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

  // All keys of a query.
  void attend_alone(std::size_t query, std::size_t stream, std::size_t kv_head) {
    const Pair pair{query, stream, kv_head, parts_, count_parts(plan_.seen(query, stream))};
    for (std::size_t g = 0; g < shape_.group(); g += kRowsAtOnce) {
      const std::size_t heads = std::min(kRowsAtOnce, shape_.group() - g);
      for (std::size_t part = 0; part < pair.part_count; ++part)
        attend_part(pair, part, g, heads, parts_ + part * heads * part_floats_);
      join(pair, g, heads);
    }
  }

  void list_keys(std::size_t query, std::size_t stream) {
    if (stream * shape_.queries() + query == listed_) return;
    key_count_ = list_bits(plan_.sight(query, stream), (shape_.keys() + 63) / 64, keys_);
    // What is read beyond the last key, to be ignored, is a key as well.
    std::fill_n(keys_ + key_count_, kKeysOfBlock, key_count_ == 0 ? 0 : keys_[key_count_ - 1]);
    listed_ = stream * shape_.queries() + query;
  }

  AttentionRow row(std::size_t query, std::size_t head, std::size_t stream) const {
    AttentionRow row = shape_.row(query, head, stream);
    row.sight = plan_.sight(query, stream);
    if (!plan_.has_weights(query, stream)) row.mask = nullptr;
    return row;
  }

  const AttentionKernels& kernels_;
  AttentionShape shape_;
  AttentionTeam& team_;
  std::size_t part_floats_;
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
  float* parts_;
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
            const ggml_tensor& op, AttentionTeam& team) {
  Share(kernels, params, op, team).run();
}

}  // namespace shimmy::kernels
