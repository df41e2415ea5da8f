#include "scheduler/llama_pooler.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "base/quantity.h"

namespace shimmy::scheduler {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using generation::EngineMemory;
using generation::Vector;

constexpr std::size_t kLogitBytes = std::size_t{64} << 20;  // of a usual pass
constexpr std::size_t kMostInputs = 64;
constexpr std::size_t kMostStates = 4;    // recurrent models have a whole state for each input
constexpr std::size_t kSpareBatches = 4;  // a context of so many batches is kept for short inputs

// libllama keeps a row of logits for every token of an embedding pass, used or not.
std::size_t row_bytes(std::size_t vocabulary_size) {
  return std::max<std::size_t>(vocabulary_size, 1) * sizeof(float);
}

// The number of tokens in a batch must be a multiple of the number of inputs.
std::size_t rounded_up(std::size_t tokens) {
  return (tokens + kMostInputs - 1) / kMostInputs * kMostInputs;
}

Pooler::Limits limits_of(const llama::Model& model, const LlamaPoolerOptions& options) {
  const std::size_t rows = kLogitBytes / row_bytes(model.vocabulary().size());
  const std::size_t affordable = rounded_up(std::max<std::size_t>(rows, 1));
  const llama::ModelFacts& facts = model.facts();
  return {std::min(affordable, rounded_up(options.batch_tokens)),
          facts.is_recurrent || facts.is_hybrid ? kMostStates : kMostInputs};
}

}  // namespace

llama::Pooling effective_pooling(const llama::ModelFacts& facts) {
  return facts.pooling == llama::Pooling::None ? llama::Pooling::Mean : facts.pooling;
}

std::size_t longest_whole_input(std::size_t vocabulary_size, const base::Memory& memory) {
  const std::size_t affordable = memory.available_bytes / 2 / row_bytes(vocabulary_size);
  return std::max(affordable / kMostInputs * kMostInputs, kMostInputs);
}

LlamaPooler::LlamaPooler(std::shared_ptr<const llama::Model> model,
                         const LlamaPoolerOptions& options)
    : model_(std::move(model)),
      options_(options),
      limits_(limits_of(*model_, options)),
      pooling_(effective_pooling(model_->facts())) {}

Result<std::vector<Vector>> LlamaPooler::embed(std::span<const Input> inputs,
                                               const std::function<bool()>& should_abort) {
  std::size_t tokens = 0;
  for (const Input& input : inputs) tokens += input.size();
  if (auto made = make_room(tokens); !made) return std::unexpected(std::move(made.error()));
  const ComputeTurns::Work work(*options_.compute.turns);
  std::vector<Vector> vectors;
  while (vectors.size() < inputs.size()) {
    auto more = embed_some(inputs.subspan(vectors.size()), should_abort);
    if (!more) return std::unexpected(std::move(more.error()));
    std::ranges::move(*more, std::back_inserter(vectors));
  }
  return vectors;
}

// The first of `inputs`, as many as fit a forward pass.
Result<std::vector<Vector>> LlamaPooler::embed_some(std::span<const Input> inputs,
                                                    const std::function<bool()>& should_abort) {
  context_->memory().clear();
  const std::size_t pass = pass_tokens();
  std::size_t tokens = inputs.front().size();
  if (tokens > pass && !options_.takes_whole_inputs) {
    auto vector = embed_in_parts(inputs.front(), pass, should_abort);
    if (!vector) return std::unexpected(std::move(vector.error()));
    return std::vector<Vector>{std::move(*vector)};
  }
  std::size_t count = 1;
  while (count < inputs.size() && tokens + inputs[count].size() <= pass) {
    tokens += inputs[count++].size();
  }
  return embed_together(inputs.first(count), should_abort);
}

// While others compute, too, a pass takes no longer than its part of a step.
std::size_t LlamaPooler::pass_tokens() const {
  const std::size_t others = options_.compute.turns->working() - 1;
  return cost_.prompt_rows(/*decode_rows=*/0, limits_.batch_tokens, others);
}

Result<void> LlamaPooler::make_room(std::size_t tokens) {
  const std::size_t most = rounded_up(options_.longest_input);
  const std::size_t needed = std::max(std::min(std::bit_ceil(tokens), most), limits_.batch_tokens);
  const bool is_too_large = room_ > std::max(needed, kSpareBatches * limits_.batch_tokens);
  if (context_ && room_ >= needed && !is_too_large) return {};
  context_.reset();  // first: both at once may not fit the memory
  room_ = 0;
  auto made = make_context(needed);
  if (!context_) {
    held_.with([](EngineMemory& held) { held = {}; });
    options_.memory->resize(0);
  }
  return made;
}

Result<void> LlamaPooler::make_context(std::size_t room) {
  const std::size_t rows = options_.takes_whole_inputs ? room : limits_.batch_tokens;
  llama::ContextOptions wanted;
  wanted.context_tokens = static_cast<std::int32_t>(room);
  wanted.batch_tokens = static_cast<std::int32_t>(rows);
  wanted.micro_batch_tokens = wanted.batch_tokens;
  wanted.max_sequences = static_cast<std::int32_t>(limits_.batch_inputs);
  wanted.pooling = pooling_;
  auto context = llama::Context::create(model_, options_.compute.pool, wanted);
  if (!context) return std::unexpected(std::move(context.error()));
  if (auto claimed = claim(**context, room); !claimed) return claimed;
  context_ = std::move(*context);
  room_ = room;
  batch_ = llama::Batch(rows);
  return {};
}

// What a context takes is known when it is there; its pages are touched only by the first pass.
Result<void> LlamaPooler::claim(const llama::Context& context, std::size_t room) {
  const llama::ContextMemory use = context.memory_use();
  const EngineMemory needed{.kv_cache = use.cache, .compute = use.compute};
  if (!options_.memory->resize(needed.total())) {
    return fail(ErrorCode::Overloaded,
                "An input of up to {} tokens needs {} of memory beside the weights, and this model "
                "may have {} now. Try again when other models have less to do, send a shorter "
                "input, or allow more with --memory.",
                room, base::human_bytes(needed.total()),
                base::human_bytes(options_.memory->limit()));
  }
  held_.with([&](EngineMemory& held) { held = needed; });
  return {};
}

Result<void> LlamaPooler::decode(const std::function<bool()>& should_abort) {
  const auto turn = options_.compute.turns->take();
  const base::SteadyClock clock;
  const auto begin = clock.now();
  switch (context_->decode(batch_, should_abort)) {
    case llama::DecodeStatus::Done:
      cost_.observe(base::milliseconds(clock.now() - begin), /*decode_rows=*/0, batch_.size());
      return {};
    case llama::DecodeStatus::Aborted:
      return fail(ErrorCode::Cancelled, "The embedding was cancelled.");
    case llama::DecodeStatus::CacheFull:
    case llama::DecodeStatus::InvalidBatch:
    case llama::DecodeStatus::Failed: break;
  }
  return fail(ErrorCode::GenerationFailed,
              "The model could not embed this input: the log has the reason.");
}

Result<std::vector<Vector>> LlamaPooler::embed_together(std::span<const Input> inputs,
                                                        const std::function<bool()>& should_abort) {
  batch_.clear();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    llama::Position position = 0;
    for (const llama::Token token : inputs[i]) {
      batch_.add(token, position++, static_cast<llama::SequenceId>(i), /*wants_logits=*/true);
    }
  }
  if (auto done = decode(should_abort); !done) return std::unexpected(std::move(done.error()));
  std::vector<Vector> vectors;
  vectors.reserve(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto values = context_->pooled(static_cast<llama::SequenceId>(i));
    vectors.emplace_back(values.begin(), values.end());
  }
  return vectors;
}

// Each part sees those before it in the cache, and libllama pools each part by itself: the mean is
// put together here, the first token is in the first part and the last in the last.
Result<Vector> LlamaPooler::embed_in_parts(Input input, std::size_t part_tokens,
                                           const std::function<bool()>& should_abort) {
  Vector vector;
  for (std::size_t begin = 0; begin < input.size(); begin += part_tokens) {
    const Input part = input.subspan(begin, std::min(part_tokens, input.size() - begin));
    batch_.clear();
    for (std::size_t i = 0; i < part.size(); ++i) {
      batch_.add(part[i], static_cast<llama::Position>(begin + i), 0, /*wants_logits=*/true);
    }
    if (auto done = decode(should_abort); !done) return std::unexpected(std::move(done.error()));
    const auto values = context_->pooled(0);
    if (begin == 0 || pooling_ == llama::Pooling::Last || pooling_ == llama::Pooling::Rank) {
      vector.assign(values.begin(), values.end());
    } else if (pooling_ == llama::Pooling::Mean) {
      const auto share = static_cast<float>(part.size()) / static_cast<float>(begin + part.size());
      std::ranges::transform(vector, values, vector.begin(), [share](float mean, float value) {
        return mean + share * (value - mean);
      });
    }
  }
  return vector;
}

}  // namespace shimmy::scheduler
