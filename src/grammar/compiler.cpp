#include "grammar/compiler.h"

#include <fmt/format.h>
#include <xgrammar/xgrammar.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "grammar/compiled_grammar.h"
#include "grammar/grammar_cache.h"
#include "grammar/matcher.h"
#include "grammar/pattern.h"
#include "grammar/schema_grammar.h"
#include "grammar/structural_tag.h"

namespace shimmy::grammar {
namespace {

using generation::Constraint;

// XGrammar's own cache: it knows the same rule, such as a string of 40 characters, again in another
// grammar. A third of it is for rules.
constexpr std::int64_t kRuleCacheBytes = 48 << 20;

xgrammar::TokenizerInfo read_vocabulary(const generation::Tokenizer& tokenizer) {
  std::vector<std::string> pieces;
  pieces.reserve(tokenizer.size());
  for (std::size_t token = 0; token < tokenizer.size(); ++token) {
    pieces.push_back(tokenizer.piece(static_cast<generation::Token>(token)));
  }
  const auto ends = tokenizer.end_tokens();
  return xgrammar::TokenizerInfo(pieces, xgrammar::VocabType::RAW,
                                 static_cast<int>(tokenizer.size()),
                                 std::vector<std::int32_t>(ends.begin(), ends.end()));
}

// A grammar from the user is read by XGrammar only when it is of sensible size.
base::Result<std::string> checked_gbnf(const std::string& text) {
  constexpr std::size_t kMaxBytes = 65'536;
  constexpr int kMaxNesting = 64;
  if (text.size() > kMaxBytes) {
    return base::fail_field("grammar", "The grammar has {} bytes; at most {} are allowed.",
                            text.size(), kMaxBytes);
  }
  if (text.find('\0') != std::string::npos) {
    return base::fail_field("grammar", "The grammar has a NUL byte in it.");
  }
  int nesting = 0;
  std::string result;
  for (std::size_t place = 0; place < text.size(); ++place) {
    const char letter = text[place];
    nesting += letter == '(' ? 1 : letter == ')' ? -1 : 0;
    if (nesting > kMaxNesting) {
      return base::fail_field("grammar", "The grammar nests parentheses deeper than {}.",
                              kMaxNesting);
    }
    result += letter;
    if (letter != '\\' || place + 1 == text.size()) continue;
    // \x has two digits in GBNF, and as many as follow in XGrammar.
    const bool is_hexadecimal = text[++place] == 'x';
    result += is_hexadecimal ? "u00" : text.substr(place, 1);
  }
  return result;
}

base::Result<std::string> grammar_text(const Constraint& constraint) {
  switch (constraint.kind) {
    case Constraint::Kind::JsonObject: return object_grammar();
    case Constraint::Kind::JsonSchema: return schema_grammar(constraint.text, constraint.strict);
    case Constraint::Kind::Gbnf: return checked_gbnf(constraint.text);
    case Constraint::Kind::StructuralTag:
      return with_own_grammars(constraint.text, constraint.strict);
    case Constraint::Kind::Regex: {
      auto pattern = pattern_grammar(constraint.text, PatternUse::WholeText);
      if (!pattern) {
        pattern.error().param = "regex";
        return pattern;
      }
      return "root ::= " + *pattern + "\n";
    }
    case Constraint::Kind::None: break;
  }
  return base::fail(base::ErrorCode::Internal, "There is no constraint to compile.");
}

std::string_view word_of(Constraint::Kind kind) {
  switch (kind) {
    case Constraint::Kind::JsonSchema: return "schema";
    case Constraint::Kind::Regex: return "regex";
    case Constraint::Kind::StructuralTag: return "schema";
    default: return "grammar";
  }
}

// XGrammar's messages begin with the place in its source.
std::string_view reason_of(const std::exception& error) {
  std::string_view text = error.what();
  if (const auto place = text.rfind(".cc:"); place != std::string_view::npos) {
    if (const auto end = text.find(": ", place); end != std::string_view::npos) {
      text.remove_prefix(end + 2);
    }
  }
  constexpr std::size_t kMaxBytes = 300;
  return text.substr(0, text.find('\n')).substr(0, kMaxBytes);
}

std::string key_of(const Constraint& constraint) {
  return fmt::format("{}{}{}", static_cast<int>(constraint.kind), constraint.strict ? '!' : ' ',
                     constraint.text);
}

}  // namespace

base::Error named_after(const Constraint& constraint, base::Error error) {
  if (constraint.field.empty()) return error;
  error.param = constraint.field;
  error.message = fmt::format(
      "Invalid {} for {}: {}", word_of(constraint.kind),
      constraint.label.empty() ? fmt::format("'{}'", constraint.field) : constraint.label,
      error.message);
  return error;
}

namespace {

bool allows_anything(std::shared_ptr<const CompiledGrammar> grammar) {
  Matcher matcher(std::move(grammar));
  const auto first = matcher.allowed();
  return !first || std::ranges::any_of(*first, [](std::uint32_t word) { return word != 0; });
}

base::Error empty_language(Constraint::Kind kind) {
  return {base::ErrorCode::InvalidRequest,
          fmt::format("The {} allows no text at all.", word_of(kind)),
          {},
          std::string(word_of(kind)),
          std::string(kEmptyLanguage)};
}

}  // namespace

struct Compiler::State {
  State(std::shared_ptr<const generation::Tokenizer> source, std::size_t cache_bytes)
      : tokenizer(std::move(source)), cache(cache_bytes) {}

  GrammarResult make(const Constraint& constraint);

  const std::shared_ptr<const generation::Tokenizer> tokenizer;
  GrammarCache cache;
  std::once_flag once;
  std::optional<xgrammar::GrammarCompiler> compiler;  // made once, at the first request
};

GrammarResult Compiler::State::make(const Constraint& constraint) {
  const base::Result<std::string> text = grammar_text(constraint);
  if (!text) return std::unexpected(text.error());
  try {
    std::call_once(once, [this] {
      compiler.emplace(read_vocabulary(*tokenizer), /*max_threads=*/1, /*cache_enabled=*/true,
                       kRuleCacheBytes);
    });
    auto result = std::make_shared<const CompiledGrammar>(
        CompiledGrammar{constraint.kind == Constraint::Kind::StructuralTag
                            ? compiler->CompileStructuralTag(*text)
                            : compiler->CompileGrammar(xgrammar::Grammar::FromEBNF(*text))});
    if (!allows_anything(result)) return std::unexpected(empty_language(constraint.kind));
    return result;
  } catch (const std::exception& error) {
    return base::fail_field(std::string(word_of(constraint.kind)), "The {} cannot be enforced: {}",
                            word_of(constraint.kind), reason_of(error));
  }
}

Compiler::Compiler(std::shared_ptr<const generation::Tokenizer> tokenizer, std::size_t cache_bytes)
    : state_(std::make_unique<State>(std::move(tokenizer), cache_bytes)) {}

Compiler::~Compiler() = default;

GrammarResult Compiler::compile(const Constraint& constraint) {
  auto compiled = state_->cache.find_or_make(
      key_of(constraint), [&] { return state_->make(constraint); },
      [](const CompiledGrammar& made) { return made.grammar.MemorySizeBytes(); });
  if (!compiled) return std::unexpected(named_after(constraint, std::move(compiled.error())));
  return compiled;
}

Compiler::CacheUse Compiler::cache_use() const {
  return {state_->cache.grammars(), state_->cache.bytes()};
}

}  // namespace shimmy::grammar
