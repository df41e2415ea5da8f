#include "cli/bench_run.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <thread>
#include <utility>

namespace shimmy::cli {
namespace {

using base::Result;
using Clock = std::chrono::steady_clock;

// When the first and the last token of one request came, and how many lie between.
struct Span {
  double begin_ms = 0;
  double end_ms = 0;
  std::size_t tokens = 0;
  generation::Timings timings;
};

double since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Result<Span> read(generation::Generation& generation, double submitted_ms,
                  const std::stop_token& stop) {
  while (const auto event = generation.next(stop)) {
    if (const auto* error = std::get_if<base::Error>(&*event)) return std::unexpected(*error);
    if (const auto* end = std::get_if<generation::FinishedEvent>(&*event)) {
      const double begin = submitted_ms + end->timings.ttft_ms;
      const std::size_t tokens = std::max<std::size_t>(end->usage.completion_tokens, 1) - 1;
      return Span{begin, begin + end->timings.decode_ms, tokens, end->timings};
    }
  }
  return base::fail(base::ErrorCode::Cancelled, "Interrupted.");
}

generation::Request request(const BenchTest& test, BenchPrompts& prompts) {
  generation::Request result;
  result.prompt = prompts.next(std::max<std::size_t>(test.prompt_tokens, 1));
  // The first token comes with the prompt: it is none of those that are measured.
  result.max_tokens = static_cast<std::int32_t>(test.generated_tokens + 1);
  result.sampling.temperature = 0;
  result.ignore_eos = true;
  return result;
}

// A full queue of events would pause its request: each has a reader.
Result<std::vector<Span>> run_all(generation::Engine& engine, const BenchTest& test,
                                  BenchPrompts& prompts, const std::stop_token& stop) {
  const Clock::time_point start = Clock::now();
  std::vector<Result<Span>> answers(test.batch);
  {
    std::vector<std::jthread> readers;
    for (Result<Span>& answer : answers) {
      const double submitted_ms = since(start);
      auto generation = engine.submit(request(test, prompts));
      if (!generation) return std::unexpected(std::move(generation).error());
      readers.emplace_back([&answer, &stop, submitted_ms, own = std::move(*generation)] {
        answer = read(*own, submitted_ms, stop);
      });
    }
  }
  std::vector<Span> spans;
  for (auto& answer : answers) {
    if (!answer) return std::unexpected(std::move(answer).error());
    spans.push_back(*answer);
  }
  return spans;
}

double per_second(std::size_t tokens, double ms) {
  return ms > 0 ? static_cast<double>(tokens) * 1000 / ms : 0;
}

}  // namespace

std::string BenchTest::name() const {
  std::string text;
  if (prompt_tokens > 0) text += fmt::format("pp{}", prompt_tokens);
  if (generated_tokens > 0)
    text += fmt::format("{}tg{}", text.empty() ? "" : "+", generated_tokens);
  return batch > 1 ? fmt::format("{} x{}", text, batch) : text;
}

double BenchRow::mean() const {
  if (samples.empty()) return 0;
  return std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
}

double BenchRow::deviation() const {
  if (samples.size() < 2) return 0;
  const double middle = mean();
  double squares = 0;
  for (const double sample : samples) squares += (sample - middle) * (sample - middle);
  return std::sqrt(squares / static_cast<double>(samples.size() - 1));
}

BenchPrompts::BenchPrompts(const generation::Tokenizer& tokenizer) {
  constexpr std::size_t enough = 4096;
  for (std::size_t id = 0; id < tokenizer.size() && words_.size() < enough; ++id) {
    const auto token = static_cast<generation::Token>(id);
    if (!tokenizer.is_end(token) && !tokenizer.piece(token).empty()) words_.push_back(token);
  }
  if (words_.empty()) words_.push_back(0);
}

std::vector<generation::Token> BenchPrompts::next(std::size_t tokens) {
  std::vector<generation::Token> result(tokens);
  for (generation::Token& token : result) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    token = words_[static_cast<std::size_t>(state_ >> 33U) % words_.size()];
  }
  return result;
}

Result<double> measure(generation::Engine& engine, const BenchTest& test, BenchPrompts& prompts,
                       const std::stop_token& stop) {
  const auto spans = run_all(engine, test, prompts, stop);
  if (!spans) return std::unexpected(spans.error());
  if (test.generated_tokens == 0) {
    return per_second(test.prompt_tokens, spans->front().timings.prefill_ms);
  }
  const double begin = std::ranges::min(*spans, {}, &Span::begin_ms).begin_ms;
  const double end = std::ranges::max(*spans, {}, &Span::end_ms).end_ms;
  std::size_t tokens = 0;
  for (const Span& span : *spans) tokens += span.tokens;
  return per_second(tokens, end - begin);
}

}  // namespace shimmy::cli
