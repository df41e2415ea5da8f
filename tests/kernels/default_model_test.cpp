// Our kernels stray no further from exact arithmetic than ggml's. Needs the default model, which
// SHIMMY_TEST_MODEL names; SHIMMY_TEST_GEMMA names gemma3-270m, if that is to be looked at, too.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kernels/model_runs.h"
#include "kernels/named_model.h"
#include "support/temp_dir.h"

namespace shimmy::kernels {
namespace {

ModelRun work_of(const std::string& model, std::vector<std::string> prompts) {
  support::Tokens continuation;
  for (int i = 0; i < 24; ++i) continuation.push_back(1000 + 37 * i);
  return {.model = model,
          .work = along(std::move(prompts), continuation),
          .options = {.context_tokens = 6144, .threads = 2}};
}

std::vector<std::string> short_prompts() {
  return {"The lighthouse keeper had not spoken to anyone for eleven days when",
          "A list of things to pack for a week in the mountains:\n1.",
          "Question: Why is the sky blue?\nAnswer:",
          "In physics, the second law of thermodynamics states that",
          "1, 1, 2, 3, 5, 8, 13,",
          "Dear Mr. Hollis,\n\nThank you for your letter of the third of March."};
}

// A text that says nothing twice, of about 900 tokens; each number gives another one.
std::string long_prompt(int number) {
  constexpr std::array kThings = {" crates of dried fish", " coils of rope", " lamps"};
  std::string text = "The inventory of the old harbour warehouse, as it was read out in court:\n";
  for (int i = 1; i <= 60; ++i) {
    text += "Item " + std::to_string(i) + ": " + std::to_string((i + number) * i % 97) +
            kThings.at(static_cast<std::size_t>(i % 3)) + ", shelf " +
            std::to_string((i * 7 + number) % 31) + ".\n";
  }
  return text;
}

// Several: the figures of one differ by a fifth between two builds of ggml.
std::vector<std::string> long_prompts() {
  return {long_prompt(0), long_prompt(5), long_prompt(11), long_prompt(23)};
}

// Exact arithmetic, ggml's kernels and ours beside it.
void expect_no_further_from_exact(const ModelRun& work) {
  const support::TempDir directory;
  ModelRun exact = work;
  exact.model = directory.path() / "exact.gguf";
  exact.options.exact = true;
  write_exact(work.model, exact.model);
  const support::Rows reference = run(exact).logits;
  const support::Rows theirs = run(work).logits;
  ModelRun with_ours = work;
  with_ours.choice = Choice::Shimmy;
  const ModelResult ours = run(with_ours);

  EXPECT_GT(ours.products, 0U);
  const double divergence = mean_divergence(ours.logits, reference);
  const double divergence_of_ggml = mean_divergence(theirs, reference);
  const double error = normalised_error(ours.logits, reference);
  const double error_of_ggml = normalised_error(theirs, reference);
  std::printf("mean KL %.3e (ggml %.3e), NMSE %.3e (ggml %.3e)\n", divergence, divergence_of_ggml,
              error, error_of_ggml);
  EXPECT_LE(divergence, 1.1 * divergence_of_ggml);
  EXPECT_LE(error, 1.1 * error_of_ggml);
}

TEST(DefaultModel, StraysNoFurtherFromExactArithmeticThanWithGgmlsKernels) {
  if (default_model().empty()) GTEST_SKIP() << "SHIMMY_TEST_MODEL is not set";
  expect_no_further_from_exact(work_of(default_model(), short_prompts()));
}

TEST(DefaultModel, StraysNoFurtherAfterALongPrompt) {
  if (default_model().empty()) GTEST_SKIP() << "SHIMMY_TEST_MODEL is not set";
  expect_no_further_from_exact(work_of(default_model(), long_prompts()));
}

TEST(Gemma, StraysNoFurtherFromExactArithmeticThanWithGgmlsKernels) {
  const std::string gemma = named_model("SHIMMY_TEST_GEMMA");
  if (gemma.empty()) GTEST_SKIP() << "SHIMMY_TEST_GEMMA is not set";
  expect_no_further_from_exact(work_of(gemma, short_prompts()));
  expect_no_further_from_exact(work_of(gemma, long_prompts()));
}

TEST(DefaultModel, GivesTheSameLogitsTwiceAndOnAnyNumberOfThreads) {
  if (default_model().empty()) GTEST_SKIP() << "SHIMMY_TEST_MODEL is not set";
  ModelRun work = work_of(default_model(), {long_prompt(0), "1, 1, 2, 3, 5, 8, 13,"});
  work.choice = Choice::Shimmy;
  const support::Rows first = run(work).logits;
  for (const std::int32_t threads : {2, 1, 3}) {
    work.options.threads = threads;
    EXPECT_TRUE(run(work).logits == first) << threads;
  }
}

}  // namespace
}  // namespace shimmy::kernels
