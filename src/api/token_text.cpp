#include "api/token_text.h"

#include <algorithm>
#include <variant>

#include "generation/utf8_assembler.h"

namespace shimmy::api {

using generation::Token;
using generation::Tokenizer;
using protocol::openai::TextOrTokens;

base::Result<std::vector<Token>> tokens_of(const TextOrTokens& input, const Tokenizer& tokenizer,
                                           std::string_view field) {
  std::vector<Token> tokens;
  if (const auto* text = std::get_if<std::string>(&input)) {
    tokens = tokenizer.encode(*text, true, generation::SpecialText::Plain);
  } else {
    tokens = std::get<std::vector<Token>>(input);
  }
  const auto unknown = std::ranges::find_if(
      tokens, [&](Token token) { return static_cast<std::size_t>(token) >= tokenizer.size(); });
  if (unknown != tokens.end()) {
    return base::fail_field(std::string(field),
                            "Invalid '{}': the model has no token {}; its tokens are 0 to {}.",
                            field, *unknown, tokenizer.size() - 1);
  }
  if (!tokens.empty()) return tokens;
  return base::fail_field(std::string(field),
                          "Invalid '{}': it has no tokens, and this model needs one to begin with.",
                          field);
}

std::string text_of(std::span<const Token> tokens, const Tokenizer& tokenizer, bool show_special) {
  generation::Utf8Assembler assembler;
  std::string text;
  for (const Token token : tokens) text += assembler.push(tokenizer.piece(token, show_special));
  return text + assembler.flush();
}

std::string text_of(const TextOrTokens& input, const Tokenizer& tokenizer) {
  if (const auto* text = std::get_if<std::string>(&input)) return *text;
  return text_of(std::span<const Token>(std::get<std::vector<Token>>(input)), tokenizer);
}

}  // namespace shimmy::api
