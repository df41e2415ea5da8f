// Logits of whole models with our kernels or with ggml's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernels/install.h"
#include "support/reference_loop.h"

namespace shimmy::kernels {

struct ModelRun {
  std::filesystem::path model;
  Choice choice = Choice::Ggml;
  std::string level;  // SHIMMY_CPU; empty: the fastest
  std::vector<std::string> prompts;
  support::Tokens continuation;  // of each prompt: the tokens along which logits are taken
  std::int32_t threads = 2;
};

struct ModelResult {
  support::Rows logits;        // of all prompts, one after another
  std::uint64_t products = 0;  // that our kernels computed
  std::uint64_t weight_bytes = 0;
};

// Runs in a child process, so that every run starts with an untouched ggml. Requires: this process
// has no other threads. Throws std::runtime_error.
ModelResult run(const ModelRun& run);

// Sum of squared differences over sum of squares.
double normalised_error(const support::Rows& rows, const support::Rows& reference);

// Mean Kullback-Leibler divergence of the distributions from the reference's, in nats.
double mean_divergence(const support::Rows& rows, const support::Rows& reference);

}  // namespace shimmy::kernels
