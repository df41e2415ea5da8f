#include "support/byte_tokenizer.h"

#include <array>

namespace shimmy::support {
namespace {

using generation::Token;

constexpr std::array<std::string_view, 7> kSpecial{"<s>",   "</s>",  "<|im_start|>", "<|im_end|>",
                                                   "<PRE>", "<SUF>", "<MID>"};
constexpr std::array<Token, 2> kEnds{ByteTokenizer::kEnd, ByteTokenizer::kTurnEnd};

}  // namespace

std::vector<Token> ByteTokenizer::encode(std::string_view text, bool begin,
                                         generation::SpecialText special) const {
  std::vector<Token> tokens;
  if (begin) tokens.push_back(kBegin);
  while (!text.empty()) {
    std::size_t length = 1;
    Token token = static_cast<unsigned char>(text.front());
    const std::size_t specials = size() - static_cast<std::size_t>(kBegin);
    for (std::size_t i = 0; special == generation::SpecialText::Parse && i < specials; ++i) {
      if (!text.starts_with(kSpecial[i])) continue;
      token = kBegin + static_cast<Token>(i);
      length = kSpecial[i].size();
    }
    tokens.push_back(token);
    text.remove_prefix(length);
  }
  return tokens;
}

std::string ByteTokenizer::piece(Token token, bool show_special) const {
  if (token < kBegin) return {static_cast<char>(token)};
  return show_special ? std::string(kSpecial.at(static_cast<std::size_t>(token - kBegin)))
                      : std::string();
}

bool ByteTokenizer::is_end(Token token) const { return token == kEnd || token == kTurnEnd; }

std::optional<generation::InfillMarks> ByteTokenizer::infill_marks() const {
  if (!infills_) return std::nullopt;
  return generation::InfillMarks{260, 261, 262};
}

std::span<const Token> ByteTokenizer::end_tokens() const { return kEnds; }

std::string ByteTokenizer::text(std::span<const Token> tokens) const {
  std::string all;
  for (const Token token : tokens) all += piece(token, /*show_special=*/true);
  return all;
}

}  // namespace shimmy::support
