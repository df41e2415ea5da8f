// Asks a constraint about texts, a token per byte.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/compiler.h"
#include "grammar/matcher.h"
#include "support/byte_tokenizer.h"

namespace shimmy::grammar {

using generation::Constraint;
using support::ByteTokenizer;
using Kind = Constraint::Kind;

class Matching : public testing::Test {
 protected:
  using Grammar = std::shared_ptr<const CompiledGrammar>;

  static Grammar compiled(const Constraint& constraint) {
    auto made = compiler().compile(constraint);
    EXPECT_TRUE(made) << made.error().message << "\n" << constraint.text;
    return made ? *made : nullptr;
  }
  static Grammar schema(std::string_view text, bool strict = true) {
    return compiled({Kind::JsonSchema, std::string(text), strict});
  }

  // What is wrong with it; empty when nothing is.
  static std::string refusal(const Constraint& constraint) {
    const auto made = compiler().compile(constraint);
    if (made) return "";
    EXPECT_EQ(made.error().code, base::ErrorCode::InvalidRequest);
    EXPECT_FALSE(made.error().param.empty());
    return made.error().message;
  }
  static std::string schema_refusal(std::string_view text, bool strict = true) {
    return refusal({Kind::JsonSchema, std::string(text), strict});
  }

  // True when the text may be written, and the generation may end behind it.
  static bool accepts(const Grammar& grammar, std::string_view text) {
    if (!grammar) return false;
    Matcher matcher(grammar);
    return std::ranges::all_of(text, [&](char byte) { return matcher.accept(token(byte)); }) &&
           matcher.is_complete();
  }

  // A text that is written by always choosing at random; cut at `most` bytes.
  static std::string written(const Grammar& grammar, std::uint32_t seed, std::size_t most = 4000) {
    std::mt19937 random(seed);
    Matcher matcher(grammar);
    std::string text;
    while (text.size() < most && !matcher.is_finished()) {
      const auto mask = matcher.allowed();
      EXPECT_TRUE(mask);
      std::vector<generation::Token> choices;
      for (generation::Token one = 0; one < 260; ++one) {
        const auto index = static_cast<std::size_t>(one);
        if (((*mask)[index / 32] >> (index % 32) & 1U) != 0) choices.push_back(one);
      }
      EXPECT_FALSE(choices.empty()) << "nothing may follow " << text;
      if (choices.empty()) return text;
      // Ends of lists are one choice of many: it is taken more often than that.
      auto choice = choices[random() % choices.size()];
      for (const char end : {'"', ']', '}'}) {
        if (random() % 4 == 0 && std::ranges::find(choices, token(end)) != choices.end()) {
          choice = token(end);
        }
      }
      if (matcher.is_complete() && random() % 4 == 0) return text;
      EXPECT_TRUE(matcher.accept(choice));
      if (tokenizer()->is_end(choice)) return text;
      text += static_cast<char>(choice);
    }
    return text;
  }

  static generation::Token token(char byte) { return static_cast<unsigned char>(byte); }

  static std::shared_ptr<const ByteTokenizer> tokenizer() {
    static const auto made = std::make_shared<const ByteTokenizer>();
    return made;
  }

  static Compiler& compiler() {
    static Compiler made(tokenizer());
    return made;
  }
};

}  // namespace shimmy::grammar
