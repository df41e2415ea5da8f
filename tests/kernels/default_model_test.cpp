// Our kernels stray no further from exact arithmetic than ggml's. Needs the default model;
// SHIMMY_TEST_MODEL names it.
#include <gtest/gtest.h>
#include <llama.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kernels/model_runs.h"
#include "support/temp_dir.h"

namespace shimmy::kernels {
namespace {

std::string model_path() {
  const char* path = std::getenv("SHIMMY_TEST_MODEL");  // NOLINT(concurrency-mt-unsafe)
  return path == nullptr ? "" : path;
}

// The same weights as 32-bit floats, which ggml multiplies without rounding activations.
bool write_exact(const std::filesystem::path& model, const std::filesystem::path& to) {
  const pid_t child = fork();
  if (child == 0) {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    llama_model_quantize_params params = llama_model_quantize_default_params();
    params.ftype = LLAMA_FTYPE_ALL_F32;
    params.allow_requantize = true;
    _exit(llama_model_quantize(model.c_str(), to.c_str(), &params) == 0 ? 0 : 1);
  }
  int status = 1;
  return waitpid(child, &status, 0) == child && status == 0;
}

ModelRun work_of(std::vector<std::string> prompts) {
  ModelRun work{.model = model_path(), .prompts = std::move(prompts)};
  for (int i = 0; i < 24; ++i) work.continuation.push_back(1000 + 37 * i);
  return work;
}

// A text that says nothing twice, of about 900 tokens.
std::string long_prompt() {
  std::string text = "The inventory of the old harbour warehouse, as it was read out in court:\n";
  for (int i = 1; i <= 60; ++i) {
    text += "Item " + std::to_string(i) + ": " + std::to_string(i * i % 97) +
            (i % 3 == 0   ? " crates of dried fish"
             : i % 3 == 1 ? " coils of rope"
                          : " lamps") +
            ", shelf " + std::to_string(i * 7 % 31) + ".\n";
  }
  return text;
}

// Exact arithmetic, ggml's kernels and ours beside it.
void expect_no_further_from_exact(const ModelRun& work) {
  const support::TempDir directory;
  ModelRun exact = work;
  exact.model = directory.path() / "exact.gguf";
  ASSERT_TRUE(write_exact(work.model, exact.model));
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
  if (model_path().empty()) GTEST_SKIP() << "SHIMMY_TEST_MODEL is not set";
  expect_no_further_from_exact(
      work_of({"The lighthouse keeper had not spoken to anyone for eleven days when",
               "A list of things to pack for a week in the mountains:\n1.",
               "Question: Why is the sky blue?\nAnswer:",
               "In physics, the second law of thermodynamics states that", "1, 1, 2, 3, 5, 8, 13,",
               "Dear Mr. Hollis,\n\nThank you for your letter of the third of March."}));
}

TEST(DefaultModel, StraysNoFurtherAfterALongPrompt) {
  if (model_path().empty()) GTEST_SKIP() << "SHIMMY_TEST_MODEL is not set";
  expect_no_further_from_exact(work_of({long_prompt()}));
}

TEST(DefaultModel, GivesTheSameLogitsTwiceAndOnAnyNumberOfThreads) {
  if (model_path().empty()) GTEST_SKIP() << "SHIMMY_TEST_MODEL is not set";
  ModelRun work = work_of({long_prompt(), "1, 1, 2, 3, 5, 8, 13,"});
  work.choice = Choice::Shimmy;
  const support::Rows first = run(work).logits;
  for (const std::int32_t threads : {2, 1, 3}) {
    work.threads = threads;
    EXPECT_TRUE(run(work).logits == first) << threads;
  }
}

}  // namespace
}  // namespace shimmy::kernels
