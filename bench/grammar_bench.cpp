// What a constraint costs: reading a vocabulary, compiling a schema, and the mask of each token.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "grammar/compiler.h"
#include "grammar/matcher.h"

namespace {

using namespace shimmy;
using generation::Constraint;
using generation::Token;

// Words, syllables and punctuation, as byte-pair encodings have them.
class MadeUpTokenizer final : public generation::Tokenizer {
 public:
  explicit MadeUpTokenizer(std::size_t size) {
    std::mt19937 random(1);
    const auto letter = [&] { return static_cast<char>('a' + random() % 26); };
    pieces_.emplace_back();  // the end
    for (int byte = 0; byte < 256; ++byte) pieces_.push_back({static_cast<char>(byte)});
    const std::string marks = " \"{}[]:,.-_0123456789\n";
    while (pieces_.size() < size) {
      std::string piece = random() % 2 == 0 ? " " : "";
      const std::size_t length = 1 + random() % 9;
      const bool is_mark = random() % 16 == 0;
      for (std::size_t i = 0; i < length; ++i) {
        piece += is_mark ? marks[random() % marks.size()] : letter();
      }
      pieces_.push_back(std::move(piece));
    }
  }

  std::vector<Token> encode(std::string_view text, bool /*begin*/,
                            generation::SpecialText /*special*/) const override {
    std::vector<Token> tokens;
    for (const char byte : text) tokens.push_back(1 + static_cast<unsigned char>(byte));
    return tokens;
  }
  std::string piece(Token token, bool /*show_special*/) const override {
    return pieces_[static_cast<std::size_t>(token)];
  }
  bool is_end(Token token) const override { return token == 0; }
  std::span<const Token> end_tokens() const override { return ends_; }
  std::size_t size() const override { return pieces_.size(); }

 private:
  std::vector<std::string> pieces_;
  std::vector<Token> ends_{0};
};

const std::shared_ptr<const MadeUpTokenizer>& tokenizer(std::size_t size) {
  static const auto small = std::make_shared<const MadeUpTokenizer>(49'152);
  static const auto large = std::make_shared<const MadeUpTokenizer>(151'936);
  return size > 50'000 ? large : small;
}

Constraint schema_of(std::int64_t properties) {
  std::string list;
  std::string required;
  for (std::int64_t i = 0; i < properties; ++i) {
    const char* const kinds[] = {R"({"type":"string"})",
                                 R"({"type":"integer","minimum":0,"maximum":1000})",
                                 R"({"type":"array","items":{"type":"string"},"maxItems":5})",
                                 R"({"enum":["red","green"]})",
                                 R"({"type":"string","format":"date"})",
                                 R"({"type":"string","maxLength":80})"};
    if (i > 0) list += ',';
    list += fmt::format(R"("field_{}":{})", i, kinds[i % 6]);
    required += fmt::format(R"({}"field_{}")", i > 0 ? "," : "", i);
  }
  return {Constraint::Kind::JsonSchema,
          fmt::format(R"({{"type":"object","properties":{{{}}},"required":[{}]}})", list, required),
          true};
}

void read_vocabulary(benchmark::State& state) {
  for (auto _ : state) {
    grammar::Compiler compiler(tokenizer(static_cast<std::size_t>(state.range(0))));
    benchmark::DoNotOptimize(compiler.compile({Constraint::Kind::Regex, "a"}));
  }
}
BENCHMARK(read_vocabulary)->Arg(49'152)->Arg(151'936)->Unit(benchmark::kMillisecond);

void compile_schema(benchmark::State& state) {
  grammar::Compiler compiler(tokenizer(static_cast<std::size_t>(state.range(0))),
                             /*cache_bytes=*/0);
  compiler.compile({Constraint::Kind::Regex, "a"}).value();
  const Constraint constraint = schema_of(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(compiler.compile(constraint).value());
}
BENCHMARK(compile_schema)
    ->Args({49'152, 5})
    ->Args({49'152, 30})
    ->Args({49'152, 300})
    ->Args({151'936, 30})
    ->Unit(benchmark::kMillisecond);

void compile_cached(benchmark::State& state) {
  grammar::Compiler compiler(tokenizer(49'152));
  const Constraint constraint = schema_of(30);
  for (auto _ : state) benchmark::DoNotOptimize(compiler.compile(constraint).value());
}
BENCHMARK(compile_cached)->Unit(benchmark::kMicrosecond);

// Time is per token: its mask, and accepting it. Tokens are chosen at random.
void mask_and_accept(benchmark::State& state, const Constraint& constraint) {
  const auto& words = tokenizer(49'152);
  grammar::Compiler compiler(words);
  const auto grammar = compiler.compile(constraint).value();
  std::mt19937 random(1);
  auto matcher = std::make_unique<grammar::Matcher>(grammar);
  for (auto _ : state) {
    const auto mask = matcher->allowed().value();
    state.PauseTiming();
    std::vector<Token> choices;
    for (std::size_t i = 1; i < words->size(); ++i) {
      if ((mask[i / 32] >> (i % 32) & 1U) != 0) choices.push_back(static_cast<Token>(i));
    }
    if (choices.empty()) {
      matcher = std::make_unique<grammar::Matcher>(grammar);
      state.ResumeTiming();
      continue;
    }
    const Token choice = choices[random() % choices.size()];
    state.ResumeTiming();
    matcher->accept(choice);
  }
}
BENCHMARK_CAPTURE(mask_and_accept, schema, schema_of(30))->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(mask_and_accept, any_object, Constraint{Constraint::Kind::JsonObject, ""})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
