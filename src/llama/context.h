// The KV cache and compute buffers of one Model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "llama/batch.h"
#include "llama/handles.h"
#include "llama/memory.h"
#include "llama/model.h"
#include "llama/thread_pool.h"

namespace shimmy::llama {

// How a cached key or value is stored; Q80 is ggml's Q8_0, and so on. Quantised values need flash
// attention.
enum class CacheType { F32, F16, Bf16, Q80, Q51, Q50, Q41, Q40 };

enum class FlashAttention { Auto, Off, On };

struct ContextOptions {
  std::int32_t context_tokens = 2048;     // cells of the cache; 0: what the model was trained with
  std::int32_t batch_tokens = 512;        // rows of one decode() at most
  std::int32_t micro_batch_tokens = 512;  // rows computed at once, at most batch_tokens
  std::int32_t max_sequences = 1;         // sequences that can be saved and restored: 1 to 256
  std::int32_t max_outputs = 0;           // rows of a decode() that want logits; 0: max_sequences
  bool unified = true;  // one cache for all sequences: they can share cells, and one may fill it
  CacheType key_type = CacheType::F16;
  CacheType value_type = CacheType::F16;
  FlashAttention flash_attention = FlashAttention::Auto;

  // One vector for each sequence of a batch, see pooled(): then every row of a batch counts as an
  // output, and max_outputs as batch_tokens, which is a multiple of max_sequences and at most
  // context_tokens. Empty: for logits.
  std::optional<Pooling> pooling;

  // Sliding-window layers keep as many cells as the others: more memory, but a prefix can be shared
  // after its window has passed. See MemoryLimits::full_window.
  bool full_window = true;
};

enum class DecodeStatus {
  Done,          // all rows are in the cache; logits can be read
  CacheFull,     // no room: the cache is as it was
  InvalidBatch,  // the batch breaks a rule (Batch, ContextSize): the cache is as it was
  Aborted,       // should_abort said so. Whole micro-batches may be in the cache, no logits can be
                 // read: ask last_position() of each sequence, and remove() what is too much
  Failed,        // as Aborted; libllama's reason is in the log
};

// What a context was really given: libllama rounds.
struct ContextSize {
  std::int32_t context_tokens = 0;   // cells of the cache
  std::int32_t sequence_tokens = 0;  // that one sequence can use of them
  std::int32_t batch_tokens = 0;
  std::int32_t micro_batch_tokens = 0;
  std::int32_t max_sequences = 0;
  std::int32_t max_outputs = 0;
};

// Bytes, of all devices together.
struct ContextMemory {
  std::uint64_t weights = 0;  // of the model, which other contexts share
  std::uint64_t cache = 0;    // cells and states
  std::uint64_t compute = 0;  // buffers for intermediate results and logits
};

// One thread uses it at a time. Several contexts of one Model are fine.
class Context {
 public:
  // Fails with InvalidRequest for options that contradict each other or the model, with
  // ModelLoadFailed when there is no memory for it. `pool` may be null: then libllama starts
  // threads for each decode().
  static base::Result<std::unique_ptr<Context>> create(std::shared_ptr<const Model> model,
                                                       std::shared_ptr<ThreadPool> pool,
                                                       const ContextOptions& options);

  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const Model& model() const { return *model_; }
  const ContextSize& size() const { return size_; }  // constant
  ContextMemory memory_use() const;

  // Blocks for one forward pass. `should_abort` is asked between the operations of the pass, on
  // this thread; empty: never. On GPUs it is not asked.
  DecodeStatus decode(const Batch& batch, const std::function<bool()>& should_abort = {});

  // The logits of row `row` of the last batch that was Done, one for each token; valid until the
  // next decode(), restore_sequence() or save_sequence(). Empty for rows that wanted none.
  std::span<const float> logits(std::size_t row);

  // The vector of a sequence, of its rows in the last batch that was Done; valid until the next
  // decode(). Model's facts have its size. Empty where the batch had no such sequence, and without
  // `pooling`. Where a batch is larger than a micro-batch, only Last and Rank see all of its rows.
  std::span<const float> pooled(SequenceId sequence);

  // The state of a sequence as bytes, and back: into this context or another one of the same model,
  // cache types and `unified`. restore replaces what the sequence held, and leaves it empty when it
  // fails. Both fail with GenerationFailed. Requires: sequence < size().max_sequences.
  base::Result<std::vector<std::uint8_t>> save_sequence(SequenceId sequence);
  base::Result<void> restore_sequence(SequenceId sequence, std::span<const std::uint8_t> state);

  Memory& memory() { return memory_; }
  const Memory& memory() const { return memory_; }

 private:
  Context(std::shared_ptr<const Model> model, std::shared_ptr<ThreadPool> pool,
          ContextHandle handle, const ContextSize& size, const MemoryLimits& limits);

  bool is_acceptable(const Batch& batch) const;
  bool is_abort_asked() const noexcept;
  void use_threads(std::int32_t threads);

  // constant after construction; order matters: the handle goes first
  std::shared_ptr<const Model> model_;
  std::shared_ptr<ThreadPool> pool_;
  ContextHandle handle_;
  ContextSize size_;
  Memory memory_;

  // rows of the last batch that have logits to read
  std::vector<std::int8_t> readable_;
  // of the decode() that runs; null between two
  const std::function<bool()>* should_abort_ = nullptr;
  // what libllama wants beside a Batch's own arrays
  std::vector<std::int32_t> owners_per_row_;
  std::vector<SequenceId*> owner_lists_;
};

}  // namespace shimmy::llama
