// Text to token ids and back.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "llama/handles.h"
#include "llama/token.h"

namespace shimmy::llama {

enum class AddSpecial { No, Yes };    // whether BOS and EOS are added where the model wants them
enum class ParseSpecial { No, Yes };  // whether "<|im_end|>" in a text becomes the token it names

// Part of a Model, and lives as long. Immutable: any thread may call any member.
class Vocabulary {
 public:
  explicit Vocabulary(const llama_vocab* vocab);  // Requires: vocab outlives this
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  // Refuses texts over 1 GiB with InvalidRequest, and any text when the
  // model has no tokenizer.
  base::Result<std::vector<Token>> tokenize(std::string_view text, AddSpecial add_special,
                                            ParseSpecial parse_special) const;

  // The bytes that a token stands for: may be part of a character. Special tokens are empty, unless
  // `show_special`. Empty for ids that are no tokens.
  std::string piece(Token token, bool show_special = false) const;

  // The token as the vocabulary spells it ("Ġthe"). Empty for ids that are no tokens.
  std::string text(Token token) const;

  bool is_end_of_generation(Token token) const;  // false for ids that are no tokens
  std::span<const Token> end_tokens() const { return end_tokens_; }

  Token bos() const { return bos_; }  // kNoToken when the model has none
  Token eos() const { return eos_; }

  // What a model that compares two texts wants before the first, between them and after the second.
  struct PairMarks {
    std::vector<Token> begin;
    std::vector<Token> middle;
    std::vector<Token> end;
  };
  PairMarks pair_marks() const;

  // What stands before a text, before what follows it, and before what is missing between them.
  struct InfillMarks {
    Token prefix = kNoToken;
    Token suffix = kNoToken;
    Token middle = kNoToken;
  };
  std::optional<InfillMarks> infill_marks() const;  // empty unless the model has all three

  bool contains(Token token) const { return token >= 0 && token < size_; }
  std::size_t size() const { return static_cast<std::size_t>(size_); }

  const llama_vocab* raw() const { return vocab_; }  // inside llama/ only

 private:
  const llama_vocab* vocab_;
  std::int32_t size_;
  bool has_tokenizer_;
  Token bos_;
  Token eos_;
  std::vector<Token> end_tokens_;
};

}  // namespace shimmy::llama
