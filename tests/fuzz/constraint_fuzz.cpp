// Compiles constraints that nobody wrote on purpose, and writes a text with each that compiles. The
// first byte says which kind it is.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "grammar/compiler.h"
#include "grammar/matcher.h"
#include "support/byte_tokenizer.h"

namespace {

using shimmy::generation::Constraint;
using shimmy::generation::Token;
using Kind = Constraint::Kind;

Constraint read(const std::uint8_t* bytes, std::size_t size) {
  constexpr std::array kKinds{Kind::JsonSchema, Kind::Regex, Kind::Gbnf, Kind::StructuralTag};
  const std::uint8_t choice = bytes[0];
  return {kKinds[choice % kKinds.size()],
          std::string(reinterpret_cast<const char*>(bytes) + 1, size - 1), (choice & 4U) != 0};
}

// Takes what is allowed, turn by turn. Until the text is complete there has to be something.
void write(shimmy::grammar::Matcher& matcher, std::size_t vocabulary) {
  constexpr int kMaxTokens = 64;
  std::size_t next = 0;
  for (int step = 0; step < kMaxTokens && !matcher.is_finished(); ++step) {
    const auto allowed = matcher.allowed();
    if (!allowed) return;
    std::size_t tried = 0;
    while (tried < vocabulary && ((*allowed)[next / 32] >> (next % 32) & 1U) == 0) {
      next = (next + 89) % vocabulary;
      ++tried;
    }
    if (tried == vocabulary) return;
    if (!matcher.accept(static_cast<Token>(next))) __builtin_trap();
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto tokenizer = std::make_shared<const shimmy::support::ByteTokenizer>();
  static shimmy::grammar::Compiler compiler(tokenizer);
  if (size == 0) return 0;
  const auto grammar = compiler.compile(read(bytes, size));
  if (!grammar) {
    if (grammar.error().message.empty() || grammar.error().param.empty()) __builtin_trap();
    return 0;
  }
  shimmy::grammar::Matcher matcher(*grammar);
  write(matcher, tokenizer->size());
  return 0;
}
