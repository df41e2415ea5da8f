#include "scheduler/llama_decoder.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/clock.h"

namespace shimmy::scheduler {
namespace {

std::size_t count(std::int32_t value) { return static_cast<std::size_t>(value); }

Decoder::Limits limits_of(const llama::Context& context, std::size_t most_cells) {
  const llama::ContextSize& size = context.size();
  return {count(size.max_sequences), std::max(most_cells, count(size.context_tokens)),
          count(size.micro_batch_tokens), context.model().vocabulary().size()};
}

}  // namespace

ContextSample measured(const llama::Context& context) {
  const llama::ContextMemory use = context.memory_use();
  return {count(context.size().context_tokens),
          {use.weights, use.cache, use.compute},
          mask_bytes(count(context.size().micro_batch_tokens))};
}

LlamaDecoder::LlamaDecoder(std::unique_ptr<llama::Context> first, ContextParts parts)
    : parts_(std::move(parts)),
      context_(std::move(first)),
      kind_(context_->memory().limits().kind),
      first_cells_(count(context_->size().context_tokens)),
      limits_(limits_of(*context_, parts_.most_cells)),
      known_(measured(*context_)),
      batch_(limits_.max_rows) {}

bool LlamaDecoder::has_states() const { return kind_ == llama::MemoryKind::Recurrent; }

std::size_t LlamaDecoder::cells() const {
  return has_states() ? limits_.cells : known_.copy().cells;
}

std::size_t LlamaDecoder::attainable_cells() const {
  if (has_states()) return limits_.cells;
  const ContextSample known = known_.copy();
  const std::uint64_t limit = parts_.memory->limit();
  const std::uint64_t room = limit - std::min(limit, known.memory.weights);
  return std::clamp(cells_within(known, room), known.cells, limits_.cells);
}

bool LlamaDecoder::is_empty() const {
  if (!context_) return true;
  for (SequenceId id = 0; id < context_->size().max_sequences; ++id) {
    if (context_->memory().last_position(id) >= 0) return false;
  }
  return true;
}

bool LlamaDecoder::grow(std::size_t cells) {
  const std::optional<Step> step = claim_step(cells);
  if (!step) {
    parts_.log.debug("the context stays at {} tokens: {} need more memory than there is",
                     this->cells(), cells);
    return false;
  }
  const base::SteadyClock clock;
  const auto begin = clock.now();
  const std::size_t before = this->cells();
  const bool replaced = replace_context(*step);
  const ContextSample known = known_.copy();
  // What was promised for both contexts, or forecast, becomes what is there.
  if (!parts_.memory->resize(known.memory.total())) {
    parts_.log.warning("the context takes {} bytes more than were foreseen",
                       known.memory.total() - parts_.memory->bytes());
  }
  if (replaced) {
    parts_.log.info("the context grew from {} to {} tokens in {:.0f} ms: {} MB of KV cache", before,
                    known.cells, base::milliseconds(clock.now() - begin),
                    known.memory.kv_cache / 1'000'000);
  }
  return replaced;
}

// A power of two, or what memory has room for, if that is enough.
std::optional<LlamaDecoder::Step> LlamaDecoder::claim_step(std::size_t cells) {
  const ContextSample known = known_.copy();
  const std::size_t wished = std::min(std::bit_ceil(cells), limits_.cells);
  const std::uint64_t limit = parts_.memory->limit();
  for (const bool empties_first : {false, true}) {
    if (empties_first && !is_empty()) break;
    const std::uint64_t kept = empties_first ? known.memory.weights : known.memory.total();
    const std::size_t possible = cells_within(known, limit - std::min(limit, kept));
    const std::size_t next = std::min(wished, possible);
    if (next < cells) continue;
    const generation::EngineMemory wanted = forecast(known, next);
    if (parts_.memory->resize(kept + wanted.kv_cache + wanted.compute)) {
      return Step{next, empties_first};
    }
  }
  return std::nullopt;
}

base::Result<std::unique_ptr<llama::Context>> LlamaDecoder::make_context(std::size_t cells) const {
  llama::ContextOptions options = parts_.options;
  options.context_tokens = static_cast<std::int32_t>(cells);
  return llama::Context::create(parts_.model, parts_.pool, options);
}

bool LlamaDecoder::replace_context(const Step& step) {
  if (step.empties_first) context_.reset();
  auto next = make_context(step.cells);
  if (next && context_) {
    if (auto moved = move_sequences_to(**next); !moved) next = std::unexpected(moved.error());
  }
  if (next) {
    adopt(std::move(*next));
    return true;
  }
  parts_.log.warning("the context cannot grow to {} tokens: {}", step.cells, next.error().message);
  if (!context_) {
    if (auto again = make_context(known_.copy().cells)) context_ = std::move(*again);
  }
  return false;
}

// Into the first cells, one sequence after the other; the present context stays as it is.
base::Result<void> LlamaDecoder::move_sequences_to(llama::Context& target) {
  for (SequenceId id = 0; id < context_->size().max_sequences; ++id) {
    if (context_->memory().last_position(id) < 0) continue;
    const auto state = context_->save_sequence(id);
    if (!state) return std::unexpected(state.error());
    if (auto restored = target.restore_sequence(id, *state); !restored) return restored;
  }
  return {};
}

void LlamaDecoder::adopt(std::unique_ptr<llama::Context> context) {
  context_ = std::move(context);
  known_.with([&](ContextSample& known) { known = measured(*context_); });
}

void LlamaDecoder::shrink() {
  if (has_states() || cells() == first_cells_) return;
  context_.reset();
  if (!replace_context({first_cells_, /*empties_first=*/true})) return;
  parts_.memory->resize(known_.copy().memory.total());
  parts_.log.info("the context is back at {} tokens", first_cells_);
}

DecodeStatus LlamaDecoder::decode(std::span<const Row> rows,
                                  const std::function<bool()>& should_abort) {
  if (!context_) return DecodeStatus::Failed;
  batch_.clear();
  for (const Row& row : rows) batch_.add(row.token, row.position, row.sequence, row.wants_logits);
  switch (context_->decode(batch_, should_abort)) {
    case llama::DecodeStatus::Done: return DecodeStatus::Done;
    case llama::DecodeStatus::CacheFull: return DecodeStatus::CacheFull;
    case llama::DecodeStatus::Aborted: return DecodeStatus::Aborted;
    case llama::DecodeStatus::InvalidBatch:
    case llama::DecodeStatus::Failed: return DecodeStatus::Failed;
  }
  return DecodeStatus::Failed;
}

bool LlamaDecoder::truncate(SequenceId sequence, std::int32_t position) {
  return !context_ || context_->memory().remove(sequence, position);
}

base::Result<std::vector<std::uint8_t>> LlamaDecoder::save(SequenceId sequence) {
  return context_->save_sequence(sequence);
}

base::Result<void> LlamaDecoder::restore(SequenceId sequence, std::span<const std::uint8_t> state) {
  return context_->restore_sequence(sequence, state);
}

std::vector<Token> LlamaTokenizer::encode(std::string_view text, bool begin,
                                          generation::SpecialText special) const {
  using llama::AddSpecial;
  using llama::ParseSpecial;
  const auto parse =
      special == generation::SpecialText::Parse ? ParseSpecial::Yes : ParseSpecial::No;
  return model_->vocabulary()
      .tokenize(text, begin ? AddSpecial::Yes : AddSpecial::No, parse)
      .value();
}

std::string LlamaTokenizer::piece(Token token, bool show_special) const {
  return model_->vocabulary().piece(token, show_special);
}

bool LlamaTokenizer::is_end(Token token) const {
  return model_->vocabulary().is_end_of_generation(token);
}

std::span<const Token> LlamaTokenizer::end_tokens() const {
  return model_->vocabulary().end_tokens();
}

std::optional<Token> LlamaTokenizer::start_token() const {
  const llama::Vocabulary& vocabulary = model_->vocabulary();
  for (const Token token : {vocabulary.bos(), vocabulary.eos()}) {
    if (vocabulary.contains(token)) return token;
  }
  return std::nullopt;
}

std::optional<generation::InfillMarks> LlamaTokenizer::infill_marks() const {
  const auto marks = model_->vocabulary().infill_marks();
  if (!marks) return std::nullopt;
  return generation::InfillMarks{marks->prefix, marks->suffix, marks->middle};
}

std::size_t LlamaTokenizer::size() const { return model_->vocabulary().size(); }

}  // namespace shimmy::scheduler
