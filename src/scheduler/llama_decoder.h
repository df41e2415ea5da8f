// Decoder and Tokenizer on libllama.
#pragma once

#include <memory>

#include "base/error.h"
#include "generation/tokenizer.h"
#include "llama/context.h"
#include "llama/model.h"
#include "scheduler/decoder.h"

namespace shimmy::scheduler {

class LlamaDecoder final : public Decoder {
 public:
  explicit LlamaDecoder(std::unique_ptr<llama::Context> context);

  const Limits& limits() const override { return limits_; }
  DecodeStatus decode(std::span<const Row> rows,
                      const std::function<bool()>& should_abort) override;
  std::span<const float> logits(std::size_t index) override { return context_->logits(index); }
  bool truncate(SequenceId sequence, std::int32_t position) override;
  base::Result<std::vector<std::uint8_t>> save(SequenceId sequence) override;
  base::Result<void> restore(SequenceId sequence, std::span<const std::uint8_t> state) override;

 private:
  const std::unique_ptr<llama::Context> context_;
  const Limits limits_;
  llama::Batch batch_;
};

class LlamaTokenizer final : public generation::Tokenizer {
 public:
  explicit LlamaTokenizer(std::shared_ptr<const llama::Model> model) : model_(std::move(model)) {}

  std::vector<Token> encode(std::string_view text, bool begin,
                            generation::SpecialText special) const override;
  std::string piece(Token token, bool show_special) const override;
  bool is_end(Token token) const override;
  std::span<const Token> end_tokens() const override;
  std::optional<Token> start_token() const override;
  std::optional<generation::InfillMarks> infill_marks() const override;
  std::size_t size() const override;

 private:
  const std::shared_ptr<const llama::Model> model_;
};

}  // namespace shimmy::scheduler
