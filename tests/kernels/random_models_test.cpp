// Whole models of four families in every weight type: with our kernels their logits stray no
// further from exact arithmetic than with ggml's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cpu_level.h"
#include "kernels/model_runs.h"
#include "support/noise.h"
#include "support/quantise.h"
#include "support/random_model.h"
#include "support/temp_dir.h"

namespace shimmy::kernels {
namespace {

using support::Family;
using support::Mixture;
using support::Rows;
using support::Shape;
using support::Tokens;

constexpr std::int32_t kVocabulary = 512;

// Rows of 256 columns or a multiple: K-quants have blocks of that size.
Shape shape(std::string name, Family family) {
  return {.name = std::move(name),
          .family = family,
          .layers = 3,
          .embedding = 256,
          .heads = 4,
          .kv_heads = 2,
          .head_size = 64,
          .feed_forward = 512,
          .vocabulary = kVocabulary};
}

std::vector<Shape> shapes() {
  std::vector<Shape> all{shape("llama", Family::Llama), shape("qwen3", Family::Qwen3),
                         shape("gemma3", Family::Gemma3), shape("mixtral", Family::Mixtral),
                         shape("mixtral_all", Family::Mixtral)};
  all[0].tied = false;
  all[1].head_size = 128;
  all[2].layers = 6;  // of which the last has no window
  all[2].window = 40;
  all[3].tied = all[4].tied = false;
  all[3].experts = all[4].experts = 8;
  all[3].experts_used = 2;
  all[3].layers = 1;  // see distance()
  all[4].experts_used = 8;
  return all;
}

Tokens random_text(std::uint64_t seed, std::size_t count) {
  support::Noise noise(seed);
  Tokens tokens(count);
  for (std::int32_t& token : tokens) {
    token = static_cast<std::int32_t>(noise.bits() % kVocabulary);
  }
  return tokens;
}

// Prompts, then steps of eight streams and of one. So many rows that the figures of both kernels
// differ by chance by a few hundredths only.
Rows read_and_continue(support::ReferenceLoop& loop) {
  Rows rows;
  for (std::uint64_t text = 0; text < 12; ++text) {
    loop.read(random_text(text, 64), [&](std::size_t, std::span<const float> logits) {
      rows.emplace_back(logits.begin(), logits.end());
    });
  }
  for (const std::size_t streams : {8U, 1U}) {
    std::vector<Tokens> prompts;
    std::vector<Tokens> continuations;
    for (std::uint64_t i = 0; i < streams; ++i) {
      prompts.push_back(random_text(100 + i, 16));
      continuations.push_back(random_text(200 + i, 72));
    }
    for (Rows& of_stream : loop.together(prompts, continuations)) {
      std::ranges::move(of_stream, std::back_inserter(rows));
    }
  }
  return rows;
}

// From exact arithmetic.
struct Distance {
  double divergence = 0;
  double error = 0;
};

// Where a token is sent to some of the experts, the smallest error can send it to others: the rows
// where that happened are a hundred times further off than all others, by chance with either
// kernels. There the typical row is compared, and one layer keeps those rows from the others.
Distance distance(const Shape& shape, const Rows& rows, const Rows& reference) {
  if (shape.experts_used == shape.experts) {
    return {mean_divergence(rows, reference), normalised_error(rows, reference)};
  }
  return {median_divergence(rows, reference), median_error(rows, reference)};
}

struct Case {
  Shape shape;
  std::string type;
};

class RandomModels : public testing::TestWithParam<Case> {
 protected:
  RandomModels() {
    const auto floats = directory_.path() / "floats.gguf";
    support::write_random_model(floats, GetParam().shape);
    model_.model = directory_.path() / "model.gguf";
    in_child(floats, [&] { quantise(floats, model_.model, GetParam().type, Mixture::None); });
    ModelRun exact = model_;
    exact.model = directory_.path() / "exact.gguf";
    exact.options.exact = true;
    write_exact(model_.model, exact.model);
    reference_ = run(exact).logits;
    ggml_ = distance(GetParam().shape, run(model_).logits, reference_);
  }

  Distance with_ours(std::string level) const {
    ModelRun ours = model_;
    ours.choice = Choice::Shimmy;
    ours.level = std::move(level);
    const ModelResult result = run(ours);
    EXPECT_GT(result.products, 0U);
    const Distance ours_is = distance(GetParam().shape, result.logits, reference_);
    std::printf("%-8s %-7s %-12s KL %.2e (ggml %.2e: %.3f), NMSE %.2e (ggml %.2e: %.3f)\n",
                GetParam().shape.name.c_str(), GetParam().type.c_str(), ours.level.c_str(),
                ours_is.divergence, ggml_.divergence, ours_is.divergence / ggml_.divergence,
                ours_is.error, ggml_.error, ours_is.error / ggml_.error);
    return ours_is;
  }

  Distance ggml_;

 private:
  support::TempDir directory_;
  ModelRun model_{.work = read_and_continue,
                  .options = {.context_tokens = 1024, .max_outputs = 512}};
  Rows reference_;
};

TEST_P(RandomModels, StrayNoFurtherFromExactArithmeticThanWithGgmlsKernels) {
  const CpuLevel fastest = choose_kernels(Choice::Shimmy).value().value_or(CpuLevel::Scalar);
  const Distance ours = with_ours(std::string(name(fastest)));
  EXPECT_LE(ours.divergence, 1.1 * ggml_.divergence);
  EXPECT_LE(ours.error, 1.1 * ggml_.error);
}

std::string bytes_of(const Shape& shape, std::uint64_t seed) {
  const support::TempDir directory;
  const auto path = directory.path() / "model.gguf";
  support::write_random_model(path, shape, seed);
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RandomModel, HasTheSameBytesForTheSameSeedOnly) {
  const std::string first = bytes_of(shapes().front(), 1);
  EXPECT_GT(first.size(), 1'000'000U);
  EXPECT_TRUE(first == bytes_of(shapes().front(), 1));
  EXPECT_FALSE(first == bytes_of(shapes().front(), 2));
}

TEST(RandomModel, NeedsAVocabularyThatEveryByteIsIn) {
  Shape small = shapes().front();
  small.vocabulary = 100;
  EXPECT_THROW(bytes_of(small, 1), std::runtime_error);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Shape& shape : shapes()) {
    for (const char* type : {"q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "iq4_nl", "mxfp4", "q2_k",
                             "q3_k_m", "q4_k_m", "q5_k_m", "q6_k", "iq4_xs", "f16", "bf16"}) {
      all.push_back({shape, type});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(EveryType, RandomModels, testing::ValuesIn(cases()), [](const auto& test) {
  return test.param.shape.name + "_" + test.param.type;
});

}  // namespace
}  // namespace shimmy::kernels
