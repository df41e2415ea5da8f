// A tokenizer without a model: a token per byte, and four special tokens; with infill() three more.
#pragma once

#include "generation/tokenizer.h"

namespace shimmy::support {

class ByteTokenizer final : public generation::Tokenizer {
 public:
  static constexpr generation::Token kBegin = 256;      // "<s>"
  static constexpr generation::Token kEnd = 257;        // "</s>"
  static constexpr generation::Token kTurnStart = 258;  // "<|im_start|>"
  static constexpr generation::Token kTurnEnd = 259;    // "<|im_end|>"

  std::vector<generation::Token> encode(std::string_view text, bool begin,
                                        generation::SpecialText special) const override;
  std::string piece(generation::Token token, bool show_special = false) const override;
  bool is_end(generation::Token token) const override;
  std::span<const generation::Token> end_tokens() const override;
  std::optional<generation::Token> start_token() const override { return kBegin; }
  std::optional<generation::InfillMarks> infill_marks() const override;
  std::size_t size() const override { return infills_ ? 263 : 260; }

  // From now on it has "<PRE>", "<SUF>" and "<MID>". Before others use the object.
  void infill() { infills_ = true; }

  // The text of `tokens`, special tokens spelled out.
  std::string text(std::span<const generation::Token> tokens) const;

 private:
  bool infills_ = false;
};

}  // namespace shimmy::support
