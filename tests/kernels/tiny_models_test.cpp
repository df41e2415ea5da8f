// The whole way: libllama loads a model into our buffers and computes with our kernels.
#include <gtest/gtest.h>

#include "kernels/cpu_level.h"
#include "kernels/model_runs.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::kernels {
namespace {

using support::TinyArchitecture;
using support::TinyWeights;

class TinyModels : public testing::Test {
 protected:
  ModelRun run_of(TinyArchitecture architecture, TinyWeights weights) {
    return {.model = support::write_tiny_model(directory_.path(),
                                               {.architecture = architecture, .weights = weights}),
            .work = along({"The lighthouse keeper had not spoken to anyone for eleven days when",
                           "1, 1, 2, 3"},
                          {10, 20, 30, 40})};
  }
  static ModelResult with(Choice choice, ModelRun model) {
    model.choice = choice;
    return run(model);
  }

 private:
  support::TempDir directory_;
};

// If no product is counted, the loader no longer takes the hook: see docs/decisions/0023.
TEST_F(TinyModels, AreLoadedIntoOurBuffersAndMultipliedByOurKernels) {
  const ModelResult ours = with(Choice::Shimmy, run_of(TinyArchitecture::Llama, TinyWeights::Q80));
  EXPECT_GT(ours.products, 0U);
  EXPECT_GT(ours.weight_bytes, 0U);
}

TEST_F(TinyModels, GiveNearlyTheLogitsOfGgml) {
  for (const auto architecture : {TinyArchitecture::Llama, TinyArchitecture::Gemma2}) {
    for (const auto weights : {TinyWeights::F16, TinyWeights::Q80, TinyWeights::Q40}) {
      const ModelRun model = run_of(architecture, weights);
      const ModelResult theirs = with(Choice::Ggml, model);
      EXPECT_EQ(theirs.products, 0U);
      EXPECT_LT(normalised_error(with(Choice::Shimmy, model).logits, theirs.logits), 5e-3);
    }
  }
}

TEST_F(TinyModels, GiveTheSameLogitsTwiceAndOnAnyNumberOfThreads) {
  ModelRun model = run_of(TinyArchitecture::Llama, TinyWeights::Q40);
  model.choice = Choice::Shimmy;
  const support::Rows first = run(model).logits;
  for (const std::int32_t threads : {2, 1, 3}) {
    model.options.threads = threads;
    EXPECT_TRUE(run(model).logits == first) << threads;
  }
}

// Products are the same to the last bit; attention sums its lanes, of which each level has its own
// number, and the fastest level rounds the operands of prompts to 16 bits.
TEST_F(TinyModels, GiveNearlyTheSameLogitsOnEveryLevel) {
  ModelRun model = run_of(TinyArchitecture::Llama, TinyWeights::Q40);
  model.choice = Choice::Shimmy;
  model.level = name(CpuLevel::Scalar);
  const support::Rows first = run(model).logits;
  for (const CpuLevel level : supported_levels()) {
    model.level = name(level);
    EXPECT_LT(normalised_error(run(model).logits, first), rounds_to_bfloats(level) ? 1e-3 : 1e-9)
        << model.level;
  }
}

}  // namespace
}  // namespace shimmy::kernels
