// A tokenizer whose tokens are bytes: 0 to 255, and two special ones.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "generation/tokenizer.h"

namespace shimmy::support {

class ByteTokenizer final : public generation::Tokenizer {
 public:
  static constexpr generation::Token kBegin = 256;
  static constexpr generation::Token kEnd = 257;

  std::vector<generation::Token> encode(std::string_view text, bool begin,
                                        generation::SpecialText /*special*/) const override {
    std::vector<generation::Token> tokens;
    if (begin) tokens.push_back(kBegin);
    for (const char c : text) tokens.push_back(static_cast<unsigned char>(c));
    return tokens;
  }

  std::string piece(generation::Token token, bool show_special) const override {
    if (token >= 0 && token < 256) return std::string(1, static_cast<char>(token));
    if (!show_special) return {};
    return token == kBegin ? "<begin>" : "<end>";
  }

  bool is_end(generation::Token token) const override { return token == kEnd; }
  std::span<const generation::Token> end_tokens() const override { return ends_; }
  std::size_t size() const override { return 258; }

 private:
  std::array<generation::Token, 1> ends_{kEnd};
};

}  // namespace shimmy::support
