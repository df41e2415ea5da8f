// Decoder and Tokenizer on libllama.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/guarded.h"
#include "base/log.h"
#include "generation/memory_claim.h"
#include "generation/tokenizer.h"
#include "llama/context.h"
#include "llama/model.h"
#include "scheduler/context_forecast.h"
#include "scheduler/decoder.h"

namespace shimmy::scheduler {

// What a LlamaDecoder makes its contexts of.
struct ContextParts {
  std::shared_ptr<const llama::Model> model;
  std::shared_ptr<llama::ThreadPool> pool;
  llama::ContextOptions options;                    // of the first context
  std::size_t most_cells = 0;                       // whole kCellStep; at least those of the first
  std::shared_ptr<generation::MemoryClaim> memory;  // holds what the first takes
  base::Logger log;
};

ContextSample measured(const llama::Context& context);

// Grows by a larger context beside the present one, into which the sequences move; only an empty
// one goes first where memory has no room for both.
class LlamaDecoder final : public Decoder {
 public:
  LlamaDecoder(std::unique_ptr<llama::Context> first, ContextParts parts);

  const Limits& limits() const override { return limits_; }
  std::size_t cells() const override;
  std::size_t attainable_cells() const override;
  bool grow(std::size_t cells) override;
  void shrink() override;
  generation::EngineMemory memory() const override { return known_.copy().memory; }
  DecodeStatus decode(std::span<const Row> rows,
                      const std::function<bool()>& should_abort) override;
  std::span<const float> logits(std::size_t index) override { return context_->logits(index); }
  bool truncate(SequenceId sequence, std::int32_t position) override;
  base::Result<std::vector<std::uint8_t>> save(SequenceId sequence) override;
  base::Result<void> restore(SequenceId sequence, std::span<const std::uint8_t> state) override;

 private:
  struct Step {
    std::size_t cells = 0;
    bool empties_first = false;  // the present context goes before the next is made
  };

  bool has_states() const;  // in place of cells: as many tokens as may come
  bool is_empty() const;
  std::optional<Step> claim_step(std::size_t cells);
  base::Result<std::unique_ptr<llama::Context>> make_context(std::size_t cells) const;
  bool replace_context(const Step& step);
  base::Result<void> move_sequences_to(llama::Context& target);
  void adopt(std::unique_ptr<llama::Context> context);

  const ContextParts parts_;
  std::unique_ptr<llama::Context> context_;  // null: libllama could not even make the last again
  const llama::MemoryKind kind_;
  const std::size_t first_cells_;
  const Limits limits_;
  base::Guarded<ContextSample> known_;  // the present context
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
