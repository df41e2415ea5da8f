#include "scheduler/llama_decoder.h"

#include <utility>

namespace shimmy::scheduler {
namespace {

std::size_t count(std::int32_t value) { return static_cast<std::size_t>(value); }

Decoder::Limits limits_of(const llama::Context& context) {
  const llama::ContextSize& size = context.size();
  return {count(size.max_sequences), count(size.context_tokens), count(size.micro_batch_tokens),
          context.model().vocabulary().size()};
}

}  // namespace

LlamaDecoder::LlamaDecoder(std::unique_ptr<llama::Context> context)
    : context_(std::move(context)), limits_(limits_of(*context_)), batch_(limits_.max_rows) {}

DecodeStatus LlamaDecoder::decode(std::span<const Row> rows,
                                  const std::function<bool()>& should_abort) {
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
  return context_->memory().remove(sequence, position);
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
