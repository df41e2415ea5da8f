#include "llama/context.h"

#include <ggml.h>
#include <llama.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "llama/log_route.h"

namespace shimmy::llama {
namespace {

// In front of every saved state: libllama's own bytes are believed by it without a check of their
// length.
struct StateHeader {
  std::uint32_t magic = 0x51455353;
  std::uint32_t version = 1;
  std::uint64_t state_bytes = 0;
};

ggml_type type_of(CacheType type) {
  switch (type) {
    case CacheType::F32: return GGML_TYPE_F32;
    case CacheType::F16: return GGML_TYPE_F16;
    case CacheType::Bf16: return GGML_TYPE_BF16;
    case CacheType::Q80: return GGML_TYPE_Q8_0;
    case CacheType::Q51: return GGML_TYPE_Q5_1;
    case CacheType::Q50: return GGML_TYPE_Q5_0;
    case CacheType::Q41: return GGML_TYPE_Q4_1;
    case CacheType::Q40: return GGML_TYPE_Q4_0;
  }
  return GGML_TYPE_F16;
}

llama_flash_attn_type flash_attention_of(FlashAttention choice) {
  switch (choice) {
    case FlashAttention::Off: return LLAMA_FLASH_ATTN_TYPE_DISABLED;
    case FlashAttention::On: return LLAMA_FLASH_ATTN_TYPE_ENABLED;
    case FlashAttention::Auto: break;
  }
  return LLAMA_FLASH_ATTN_TYPE_AUTO;
}

enum llama_pooling_type pooling_of(std::optional<Pooling> pooling) {
  if (!pooling) return LLAMA_POOLING_TYPE_UNSPECIFIED;
  switch (*pooling) {
    case Pooling::Mean: return LLAMA_POOLING_TYPE_MEAN;
    case Pooling::Cls: return LLAMA_POOLING_TYPE_CLS;
    case Pooling::Last: return LLAMA_POOLING_TYPE_LAST;
    case Pooling::Rank: return LLAMA_POOLING_TYPE_RANK;
    case Pooling::None: break;
  }
  return LLAMA_POOLING_TYPE_NONE;
}

base::Result<void> check_sizes(const ContextOptions& options) {
  if (options.max_sequences < 1 || options.max_sequences > kMaxSequences) {
    return base::fail_field("max_sequences", "A context has 1 to {1} sequences, not {0}.",
                            options.max_sequences, kMaxSequences);
  }
  if (options.context_tokens < 0 ||
      (options.context_tokens > 0 && options.context_tokens < options.max_sequences)) {
    return base::fail_field("context_tokens",
                            "A context of {} tokens is too small for {} sequences.",
                            options.context_tokens, options.max_sequences);
  }
  if (options.batch_tokens < options.max_sequences) {
    return base::fail_field("batch_tokens",
                            "A batch of {} tokens is too small: it takes one of each of the {} "
                            "sequences.",
                            options.batch_tokens, options.max_sequences);
  }
  if (options.micro_batch_tokens < 1 || options.micro_batch_tokens > options.batch_tokens) {
    return base::fail_field("micro_batch_tokens",
                            "A micro-batch has 1 to {1} tokens (the size of the batch), not {0}.",
                            options.micro_batch_tokens, options.batch_tokens);
  }
  // libllama reserves a pass of so many tokens for each sequence, and asserts where that is uneven.
  if (options.pooling &&
      (options.batch_tokens % options.max_sequences != 0 ||
       (options.context_tokens < options.batch_tokens && options.context_tokens > 0))) {
    return base::fail_field("batch_tokens",
                            "A context that pools has batches of whole sequences: not {} tokens "
                            "for {} sequences, and not more than its {} cells.",
                            options.batch_tokens, options.max_sequences, options.context_tokens);
  }
  if (options.max_outputs < 0 || options.max_outputs > options.batch_tokens) {
    return base::fail_field("max_outputs",
                            "A context has 0 to {1} outputs (the size of the batch), not {0}.",
                            options.max_outputs, options.batch_tokens);
  }
  return {};
}

base::Result<void> check_pooling(const ModelFacts& facts, const ContextOptions& options) {
  if (!options.pooling) return {};
  if ((options.pooling == Pooling::Rank) != (facts.pooling == Pooling::Rank)) {
    return base::fail_field("pooling",
                            "A model with a classifier ranks and does nothing else, and others "
                            "cannot rank: take the pooling that the file names.");
  }
  // The file may name more scores than it has weights for.
  if (facts.pooled_size < 1 ||
      (options.pooling == Pooling::Rank && facts.pooled_size > facts.embedding_size)) {
    return base::fail(base::ErrorCode::ModelLoadFailed,
                      "The model claims to give {} values for an input: its file is damaged.",
                      facts.pooled_size);
  }
  return {};
}

base::Result<void> check(const Model& model, const ContextOptions& options) {
  if (!model.has_weights()) {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "The model was loaded without its weights: it cannot compute.");
  }
  if (model.facts().has_encoder) {
    return base::fail(base::ErrorCode::ModelLoadFailed,
                      "Models with an encoder ({}) are not supported: use a decoder-only model.",
                      model.facts().architecture);
  }
  if (auto checked = check_pooling(model.facts(), options); !checked) return checked;
  if (options.flash_attention == FlashAttention::Off &&
      ggml_is_quantized(type_of(options.value_type))) {
    return base::fail_field("value_type",
                            "A quantised value cache needs flash attention: allow it, or use f16.");
  }
  return check_sizes(options);
}

llama_context_params parameters(const ContextOptions& options, const Model& model,
                                std::int32_t threads) {
  llama_context_params values = llama_context_default_params();
  values.n_ctx = static_cast<std::uint32_t>(options.context_tokens);
  values.n_batch = static_cast<std::uint32_t>(options.batch_tokens);
  // A model that looks ahead has to see the whole batch at once.
  values.n_ubatch = static_cast<std::uint32_t>(
      model.facts().looks_ahead ? options.batch_tokens : options.micro_batch_tokens);
  values.n_seq_max = static_cast<std::uint32_t>(options.max_sequences);
  const std::int32_t outputs = options.pooling ? options.batch_tokens : options.max_outputs;
  values.n_outputs_max = static_cast<std::uint32_t>(std::max(outputs, options.max_sequences));
  values.embeddings = options.pooling.has_value();
  values.pooling_type = pooling_of(options.pooling);
  values.n_threads = threads;
  values.n_threads_batch = threads;
  values.flash_attn_type = flash_attention_of(options.flash_attention);
  values.type_k = type_of(options.key_type);
  values.type_v = type_of(options.value_type);
  values.kv_unified = options.unified;
  values.swa_full = options.full_window;
  values.no_perf = true;
  return values;
}

ContextSize size_of(const llama_context* context, const llama_context_params& requested) {
  ContextSize size;
  size.context_tokens = static_cast<std::int32_t>(llama_n_ctx(context));
  size.sequence_tokens = static_cast<std::int32_t>(llama_n_ctx_seq(context));
  size.batch_tokens = static_cast<std::int32_t>(llama_n_batch(context));
  size.micro_batch_tokens = static_cast<std::int32_t>(llama_n_ubatch(context));
  size.max_sequences = static_cast<std::int32_t>(llama_n_seq_max(context));
  size.max_outputs =
      std::min(static_cast<std::int32_t>(requested.n_outputs_max), size.batch_tokens);
  return size;
}

MemoryLimits limits_of(llama_memory_i* memory, const ModelFacts& facts,
                       const ContextOptions& options) {
  MemoryLimits limits =
      memory_limits(facts, options.max_sequences, options.unified, options.full_window);
  if (memory == nullptr) {
    limits.kind = MemoryKind::None;
    limits.partial_remove = limits.range_copy = limits.shift = false;
    limits.sequence_ids = options.max_sequences;
  }
  limits.shift = limits.shift && llama_memory_can_shift(memory);
  return limits;
}

// Which cache types a model allows, libllama says only in its log.
base::Error refusal(const ContextOptions& options, const std::string& reason,
                    std::string complaints) {
  for (const auto& [field, complaint] :
       {std::pair{"value_type", "V cache type"}, std::pair{"key_type", "K cache type"},
        std::pair{"value_type", "different K"}}) {
    if (!complaints.contains(complaint)) continue;
    return {base::ErrorCode::InvalidRequest,
            "This model cannot store its cache so: its heads are no multiple of the type's blocks, "
            "or keys and values must be stored alike. f16 always works.",
            std::move(complaints), field};
  }
  return {base::ErrorCode::ModelLoadFailed,
          fmt::format("Cannot make a context of {} tokens: {}.", options.context_tokens, reason),
          std::move(complaints),
          {}};
}

DecodeStatus status_of(std::int32_t code) {
  switch (code) {
    case 0: return DecodeStatus::Done;
    case 1: return DecodeStatus::CacheFull;
    case 2: return DecodeStatus::Aborted;
    case -1: return DecodeStatus::InvalidBatch;
    default: return DecodeStatus::Failed;
  }
}

}  // namespace

base::Result<std::unique_ptr<Context>> Context::create(std::shared_ptr<const Model> model,
                                                       std::shared_ptr<ThreadPool> pool,
                                                       const ContextOptions& options) {
  if (const base::Result<void> checked = check(*model, options); !checked) {
    return std::unexpected(checked.error());
  }
  const llama_context_params wanted = parameters(options, *model, pool ? pool->threads() : 1);
  const LogCapture complaints;
  ContextHandle handle;
  std::string reason = "not enough memory, or a cache type that this model does not allow";
  try {
    handle.reset(llama_init_from_model(model->raw(), wanted));
  } catch (const std::exception& error) {
    reason = error.what();
  }
  if (!handle) return std::unexpected(refusal(options, reason, complaints.text()));
  const ContextSize size = size_of(handle.get(), wanted);
  const MemoryLimits limits = limits_of(llama_get_memory(handle.get()), model->facts(), options);
  return std::unique_ptr<Context>(
      new Context(std::move(model), std::move(pool), std::move(handle), size, limits));
}

Context::Context(std::shared_ptr<const Model> model, std::shared_ptr<ThreadPool> pool,
                 ContextHandle handle, const ContextSize& size, const MemoryLimits& limits)
    : model_(std::move(model)),
      pool_(std::move(pool)),
      handle_(std::move(handle)),
      size_(size),
      memory_(llama_get_memory(handle_.get()), limits),
      owners_per_row_(static_cast<std::size_t>(size.batch_tokens), 1) {
  readable_.reserve(owners_per_row_.size());
  owner_lists_.reserve(owners_per_row_.size());
  if (pool_) llama_attach_threadpool(handle_.get(), pool_->raw(), pool_->raw());
  if (std::vector<llama_adapter_lora*> adapters(model_->adapters().begin(),
                                                model_->adapters().end());
      !adapters.empty()) {
    std::vector<float> scales(adapters.size(), 1.0F);
    llama_set_adapters_lora(handle_.get(), adapters.data(), adapters.size(), scales.data());
  }
  llama_set_abort_callback(
      handle_.get(), [](void* self) { return static_cast<Context*>(self)->is_abort_asked(); },
      this);
}

bool Context::is_abort_asked() const noexcept {
  if (should_abort_ == nullptr || !*should_abort_) return false;
  try {
    return (*should_abort_)();
  } catch (...) {
    return true;  // it must not unwind through ggml's C code
  }
}

// Everything that would end in an assertion of libllama's instead of an error code.
bool Context::is_acceptable(const Batch& batch) const {
  const bool is_whole = memory_.limits().kind == MemoryKind::None;
  const std::int32_t most_rows = is_whole ? size_.micro_batch_tokens : size_.batch_tokens;
  if (batch.size() == 0 || batch.size() > static_cast<std::size_t>(most_rows)) return false;
  if (batch.outputs() > static_cast<std::size_t>(size_.max_outputs)) return false;
  const auto is_known = [&](Token token) { return model_->vocabulary().contains(token); };
  const auto is_place = [](Position position) { return position >= 0; };
  const auto is_owner = [&](SequenceId sequence) {
    return sequence >= 0 && sequence < memory_.limits().sequence_ids;
  };
  return std::ranges::all_of(batch.tokens(), is_known) &&
         std::ranges::all_of(batch.positions(), is_place) &&
         std::ranges::all_of(batch.sequences(), is_owner);
}

void Context::use_threads(std::int32_t threads) {
  if (llama_n_threads(handle_.get()) == threads) return;
  llama_set_n_threads(handle_.get(), threads, threads);
}

DecodeStatus Context::decode(const Batch& batch, const std::function<bool()>& should_abort) {
  readable_.clear();
  if (!is_acceptable(batch)) return DecodeStatus::InvalidBatch;
  owner_lists_.clear();
  // libllama reads these arrays only, but its struct has no const.
  // NOLINTBEGIN(cppcoreguidelines-pro-type-const-cast)
  for (const SequenceId& sequence : batch.sequences()) {
    owner_lists_.push_back(const_cast<SequenceId*>(&sequence));
  }
  llama_batch rows{};
  rows.n_tokens = static_cast<std::int32_t>(batch.size());
  rows.token = const_cast<Token*>(batch.tokens().data());
  rows.pos = const_cast<Position*>(batch.positions().data());
  rows.n_seq_id = owners_per_row_.data();
  rows.seq_id = owner_lists_.data();
  rows.logits = const_cast<std::int8_t*>(batch.logit_flags().data());
  // NOLINTEND(cppcoreguidelines-pro-type-const-cast)

  should_abort_ = &should_abort;
  DecodeStatus status = DecodeStatus::Failed;
  try {
    if (pool_) use_threads(pool_->begin_pass());
    status = status_of(llama_decode(handle_.get(), rows));
  } catch (const std::exception&) {
    status = DecodeStatus::Failed;
  }
  if (pool_) pool_->end_pass();
  should_abort_ = nullptr;
  if (status == DecodeStatus::Done) {
    readable_.assign(batch.logit_flags().begin(), batch.logit_flags().end());
  }
  return status;
}

std::span<const float> Context::pooled(SequenceId sequence) {
  if (readable_.empty()) return {};
  const float* values = llama_get_embeddings_seq(handle_.get(), sequence);
  if (values == nullptr) return {};
  return {values, static_cast<std::size_t>(model_->facts().pooled_size)};
}

std::span<const float> Context::logits(std::size_t row) {
  if (row >= readable_.size() || readable_[row] == 0) return {};
  const float* values = llama_get_logits_ith(handle_.get(), static_cast<std::int32_t>(row));
  if (values == nullptr) return {};
  return {values, model_->vocabulary().size()};
}

base::Result<std::vector<std::uint8_t>> Context::save_sequence(SequenceId sequence) {
  if (sequence < 0 || sequence >= size_.max_sequences) {
    return base::fail(base::ErrorCode::GenerationFailed,
                      "Sequence {} cannot be saved: only 0 to {} can.", sequence,
                      size_.max_sequences - 1);
  }
  const LogCapture complaints;
  try {
    StateHeader header;
    header.state_bytes = llama_state_seq_get_size(handle_.get(), sequence);
    std::vector<std::uint8_t> bytes(sizeof header + header.state_bytes);
    std::memcpy(bytes.data(), &header, sizeof header);
    const std::size_t written = llama_state_seq_get_data(
        handle_.get(), bytes.data() + sizeof header, header.state_bytes, sequence);
    if (written > 0 && written == header.state_bytes) return bytes;
  } catch (const std::exception& error) {
    return base::fail(base::ErrorCode::GenerationFailed, "Sequence {} cannot be saved: {}.",
                      sequence, error.what());
  }
  return std::unexpected(base::Error{base::ErrorCode::GenerationFailed,
                                     fmt::format("Sequence {} cannot be saved.", sequence),
                                     complaints.text(),
                                     {}});
}

base::Result<void> Context::restore_sequence(SequenceId sequence,
                                             std::span<const std::uint8_t> state) {
  if (sequence < 0 || sequence >= size_.max_sequences) {
    return base::fail(base::ErrorCode::GenerationFailed,
                      "Sequence {} cannot be restored: only 0 to {} can.", sequence,
                      size_.max_sequences - 1);
  }
  memory_.remove(sequence);
  const StateHeader expected;
  StateHeader header;
  if (state.size() >= sizeof header) std::memcpy(&header, state.data(), sizeof header);
  if (state.size() < sizeof header || header.magic != expected.magic ||
      header.version != expected.version || header.state_bytes != state.size() - sizeof header) {
    return base::fail(base::ErrorCode::GenerationFailed,
                      "The {} bytes are not a whole saved sequence.", state.size());
  }
  const LogCapture complaints;
  std::string reason = "no room in the cache, or another model or context made it";
  try {
    const std::size_t read = llama_state_seq_set_data(handle_.get(), state.data() + sizeof header,
                                                      header.state_bytes, sequence);
    if (read > 0) return {};
  } catch (const std::exception& error) {
    reason = error.what();
  }
  memory_.remove(sequence);
  return std::unexpected(base::Error{base::ErrorCode::GenerationFailed,
                                     fmt::format("a saved sequence cannot be restored: {}", reason),
                                     complaints.text(),
                                     {}});
}

}  // namespace shimmy::llama
