// The default model finds a text as likely with our kernels as with ggml's: the licences that every
// Debian has, or the file that SHIMMY_TEST_TEXT names. SHIMMY_PERPLEXITY_TOKENS says how many of
// its tokens are read, 0 for all.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/model_runs.h"
#include "kernels/named_model.h"

namespace shimmy::kernels {
namespace {

using support::Rows;
using support::Tokens;

constexpr std::size_t kWindow = 1024;  // tokens that are read at once, on an empty cache
constexpr std::size_t kUsualTokens = 4 * kWindow;
constexpr double kAllowed = 0.002;  // of the perplexity

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string text() {
  const char* named = std::getenv("SHIMMY_TEST_TEXT");  // NOLINT(concurrency-mt-unsafe)
  if (named != nullptr) return content(named);
  std::string all;
  for (const char* name : {"GPL-3", "Apache-2.0", "Artistic", "CC0-1.0", "GFDL-1.3", "GPL-1",
                           "GPL-2", "LGPL-2", "LGPL-2.1", "MPL-1.1", "MPL-2.0"}) {
    all += content(std::filesystem::path("/usr/share/common-licenses") / name);
  }
  return all;
}

std::size_t wanted_tokens() {
  const char* number = std::getenv("SHIMMY_PERPLEXITY_TOKENS");  // NOLINT(concurrency-mt-unsafe)
  return number == nullptr ? kUsualTokens : std::stoul(number);
}

// The log-probability of each token but the first of its window, in one row.
Work likelihoods(const std::string& text, std::size_t most) {
  return [=](support::ReferenceLoop& loop) {
    Tokens tokens = loop.tokenize(text);
    if (most > 0 && most < tokens.size()) tokens.resize(most);
    std::vector<float> row;
    for (std::size_t begin = 0; begin < tokens.size(); begin += kWindow) {
      const std::size_t end = std::min(begin + kWindow, tokens.size());
      const Tokens window(tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                          tokens.begin() + static_cast<std::ptrdiff_t>(end));
      loop.read(window, [&](std::size_t place, std::span<const float> logits) {
        if (place + 1 == window.size()) return;
        const auto next = static_cast<std::size_t>(window[place + 1]);
        row.push_back(static_cast<float>(log_probabilities(logits)[next]));
      });
    }
    return Rows{row};
  };
}

double mean(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// By which the mean of values varies by chance.
double standard_error(const std::vector<float>& values) {
  const double middle = mean(values);
  double sum = 0;
  for (const float value : values) sum += std::pow(value - middle, 2);
  return std::sqrt(sum) / static_cast<double>(values.size());
}

TEST(DefaultModel, HasThePerplexityThatItHasWithGgmlsKernels) {
  if (default_model().empty()) GTEST_SKIP() << "SHIMMY_TEST_MODEL is not set";
  const std::string read = text();
  if (read.empty()) GTEST_SKIP() << "no licences here; SHIMMY_TEST_TEXT names no other text";
  ModelRun model{.model = default_model(),
                 .work = likelihoods(read, wanted_tokens()),
                 .options = {.context_tokens = 2048, .max_outputs = 512, .threads = 2}};
  const std::vector<float> theirs = run(model).logits.at(0);
  model.choice = Choice::Shimmy;
  const std::vector<float> ours = run(model).logits.at(0);
  ASSERT_EQ(ours.size(), theirs.size());
  std::vector<float> difference;
  difference.reserve(ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) difference.push_back(theirs[i] - ours[i]);
  const double chance = 2 * standard_error(difference);
  std::printf("%zu tokens of %zu bytes: perplexity %.4f (ggml %.4f), %+.3f %%, give or take %.3f\n",
              ours.size(), read.size(), std::exp(-mean(ours)), std::exp(-mean(theirs)),
              100 * std::expm1(mean(difference)), 100 * chance);
  const bool whole_text = wanted_tokens() == 0;
  EXPECT_LE(std::abs(std::expm1(mean(difference))), kAllowed + (whole_text ? 0 : chance));
}

}  // namespace
}  // namespace shimmy::kernels
