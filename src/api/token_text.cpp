#include "api/token_text.h"

#include <algorithm>
#include <variant>

#include "generation/utf8_assembler.h"

namespace shimmy::api {

using generation::Token;
using generation::Tokenizer;
using protocol::openai::TextOrTokens;

namespace {

using Tokens = std::vector<Token>;

base::Result<Tokens> checked(Tokens tokens, const Tokenizer& tokenizer, std::string_view field) {
  const auto unknown = std::ranges::find_if(
      tokens, [&](Token token) { return static_cast<std::size_t>(token) >= tokenizer.size(); });
  if (unknown == tokens.end()) return tokens;
  return base::fail_field(std::string(field),
                          "Invalid '{}': the model has no token {}; its tokens are 0 to {}.", field,
                          *unknown, tokenizer.size() - 1);
}

base::Result<Tokens> encoded(const TextOrTokens& input, bool begin, const Tokenizer& tokenizer,
                             std::string_view field) {
  if (const auto* text = std::get_if<std::string>(&input))
    return tokenizer.encode(*text, begin, generation::SpecialText::Plain);
  return checked(std::get<Tokens>(input), tokenizer, field);
}

}  // namespace

base::Result<Tokens> tokens_of(const TextOrTokens& input, const Tokenizer& tokenizer,
                               std::string_view field) {
  auto tokens = encoded(input, /*begin=*/true, tokenizer, field);
  if (!tokens || !tokens->empty()) return tokens;
  if (const auto start = tokenizer.start_token()) return Tokens{*start};
  return base::fail_field(std::string(field),
                          "Invalid '{}': it has no tokens, and this model needs one to begin with.",
                          field);
}

base::Result<Tokens> infill_tokens(const TextOrTokens& before, const std::string& after,
                                   const Tokenizer& tokenizer, std::string_view field) {
  const auto marks = tokenizer.infill_marks();
  if (!marks) {
    return std::unexpected(
        base::Error{base::ErrorCode::InvalidRequest,
                    "Unsupported parameter: 'suffix'. This model was not trained to fill in text.",
                    {},
                    "suffix",
                    "unsupported_parameter"});
  }
  const auto prefix = encoded(before, /*begin=*/false, tokenizer, field);
  if (!prefix) return prefix;
  Tokens tokens = tokenizer.encode({}, /*begin=*/true, generation::SpecialText::Plain);
  const auto add = [&](Token mark, const Tokens& text) {
    tokens.push_back(mark);
    tokens.insert(tokens.end(), text.begin(), text.end());
  };
  add(marks->prefix, *prefix);
  add(marks->suffix, tokenizer.encode(after, false, generation::SpecialText::Plain));
  add(marks->middle, {});
  return tokens;
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
