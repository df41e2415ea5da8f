// Texts of the default model's likeliest tokens are the same with our kernels as with ggml's up to
// a token where exact arithmetic all but ties.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <string>
#include <vector>

#include "exactness/prompts.h"
#include "kernels/model_runs.h"
#include "kernels/named_model.h"
#include "support/temp_dir.h"

namespace shimmy::kernels {
namespace {

using support::Rows;
using support::Tokens;

constexpr std::size_t kTexts = 8;
constexpr std::size_t kTokens = 128;
constexpr std::size_t kRowsBefore = 8;  // a fork: what the error of logits is measured on

// Every text as a row of token numbers, the prompt in front.
Rows greedy_texts(support::ReferenceLoop& loop) {
  Rows texts;
  for (std::size_t i = 0; i < kTexts; ++i) {
    const Tokens prompt = loop.tokenize(scheduler::kPrompts.at(i));
    const Tokens generated = loop.alone(prompt, kTokens).tokens;
    texts.emplace_back(prompt.begin(), prompt.end());
    texts.back().insert(texts.back().end(), generated.begin(), generated.end());
  }
  return texts;
}

// Where two texts begin to differ.
struct Fork {
  std::size_t text = 0;
  Tokens before;
  std::size_t ours = 0;
  std::size_t theirs = 0;
};

std::vector<Fork> forks(const Rows& ours, const Rows& theirs) {
  std::vector<Fork> all;
  for (std::size_t text = 0; text < ours.size(); ++text) {
    const auto [our_end, their_end] = std::ranges::mismatch(ours[text], theirs.at(text));
    if (our_end == ours[text].end()) continue;
    all.push_back({text, Tokens(ours[text].begin(), our_end), static_cast<std::size_t>(*our_end),
                   static_cast<std::size_t>(*their_end)});
  }
  return all;
}

// The logits of the rows before each fork, and of the one at it.
Work rows_at(const std::vector<Fork>& forks) {
  return [=](support::ReferenceLoop& loop) {
    Rows rows;
    for (const Fork& fork : forks) {
      const std::size_t first = fork.before.size() - std::min(fork.before.size(), kRowsBefore + 1);
      loop.read(fork.before, [&](std::size_t place, std::span<const float> logits) {
        if (place >= first) rows.emplace_back(logits.begin(), logits.end());
      });
    }
    return rows;
  };
}

// The spread of the error of a logit; an error that all logits of a row share is none.
double spread(const Rows& rows, const Rows& exact) {
  double squares = 0;
  double count = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double sum = 0;
    double square_sum = 0;
    for (std::size_t k = 0; k < rows[i].size(); ++k) {
      const double error = static_cast<double>(rows[i][k]) - exact[i][k];
      sum += error;
      square_sum += error * error;
    }
    const auto size = static_cast<double>(rows[i].size());
    squares += square_sum - sum * sum / size;
    count += size;
  }
  return std::sqrt(squares / count);
}

TEST(DefaultModel, WritesTheTextsThatItWritesWithGgmlsKernelsUpToNearTies) {
  if (default_model().empty()) GTEST_SKIP() << "SHIMMY_TEST_MODEL is not set";
  ModelRun model{.model = default_model(),
                 .work = greedy_texts,
                 .options = {.context_tokens = 512, .max_outputs = 512, .threads = 2}};
  const Rows theirs = run(model).logits;
  ModelRun with_ours = model;
  with_ours.choice = Choice::Shimmy;
  const std::vector<Fork> found = forks(run(with_ours).logits, theirs);
  std::printf("%zu of %zu texts are the same to the last of %zu tokens\n", kTexts - found.size(),
              kTexts, kTokens);
  if (found.empty()) return;

  const support::TempDir directory;
  model.work = rows_at(found);
  const Rows rounded = run(model).logits;
  model.model = directory.path() / "exact.gguf";
  model.options.exact = true;
  write_exact(default_model(), model.model);
  const Rows exact = run(model).logits;
  // Two logits err apart by the square root of 2 times their spread; four times that is rare.
  const double near = 4 * std::numbers::sqrt2 * spread(rounded, exact);
  std::size_t row = 0;
  for (const Fork& fork : found) {
    row += std::min(fork.before.size(), kRowsBefore + 1);
    const std::vector<float>& logits = exact.at(row - 1);
    const float best = *std::ranges::max_element(logits);
    std::printf(
        "text %zu forks after %zu tokens of text and prompt: ours %zu, %.3f below the best; "
        "ggml's %zu, %.3f below; a near-tie is %.3f\n",
        fork.text, fork.before.size(), fork.ours, best - logits.at(fork.ours), fork.theirs,
        best - logits.at(fork.theirs), near);
    EXPECT_LE(best - logits.at(fork.ours), near);
    EXPECT_LE(best - logits.at(fork.theirs), near);
  }
}

}  // namespace
}  // namespace shimmy::kernels
