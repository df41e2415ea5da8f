// Text to token ids and back, for one model.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "generation/request.h"

namespace shimmy::generation {

// Whether names like "<|im_end|>" in the text become the special tokens they name. Text from users
// must say Plain.
enum class SpecialText { Plain, Parse };

// The special tokens around what a model is to fill in: prefix, text before, suffix, text after,
// middle; the model goes on with what is missing (arXiv 2207.14255).
struct InfillMarks {
  Token prefix = 0;
  Token suffix = 0;
  Token middle = 0;
};

// Any thread may call any member.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // `begin`: also add what the model wants at the start and end of a text (BOS, EOS).
  virtual std::vector<Token> encode(std::string_view text, bool begin,
                                    SpecialText special) const = 0;

  // The bytes of one token: may be part of a character. Special tokens are empty, unless
  // `show_special`.
  virtual std::string piece(Token token, bool show_special = false) const = 0;

  // True for every token that ends a generation (EOS, end of turn, …).
  virtual bool is_end(Token token) const = 0;

  // All tokens for which is_end holds.
  virtual std::span<const Token> end_tokens() const = 0;

  // What a text with nothing before it begins with: BOS, or the EOS that ended the one before;
  // empty where the model has neither.
  virtual std::optional<Token> start_token() const { return std::nullopt; }

  // Empty where the model was not trained to fill in.
  virtual std::optional<InfillMarks> infill_marks() const { return std::nullopt; }

  // Number of tokens; ids are 0 to size - 1.
  virtual std::size_t size() const = 0;
};

}  // namespace shimmy::generation
