// Logits of whole models with our kernels or with ggml's.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/install.h"
#include "support/reference_loop.h"

namespace shimmy::kernels {

using Work = std::function<support::Rows(support::ReferenceLoop&)>;

// Continues prompts, all together, along given tokens; logits of all steps of one prompt after
// another.
Work along(std::vector<std::string> prompts, support::Tokens continuation);

struct ModelRun {
  std::filesystem::path model;
  Work work;
  Choice choice = Choice::Ggml;
  std::string level;  // SHIMMY_CPU; empty: the fastest
  support::ReferenceOptions options{.context_tokens = 2048, .threads = 1};
};

struct ModelResult {
  support::Rows logits;        // what the work gave
  std::uint64_t products = 0;  // that our kernels computed
  std::uint64_t weight_bytes = 0;
};

// Work on a model in a process of its own, so that each starts with an untouched ggml. Requires:
// this process has no other threads. Throws std::runtime_error if the work throws or dies.
void in_child(const std::filesystem::path& model, const std::function<void()>& work);

// In a child. Throws std::runtime_error.
ModelResult run(const ModelRun& run);

// The same weights as 32-bit floats, which ggml multiplies without rounding activations; so that
// its cache rounds nothing either, run it with options.exact. Throws std::runtime_error.
void write_exact(const std::filesystem::path& model, const std::filesystem::path& to);

// Sum of squared differences over sum of squares.
double normalised_error(const support::Rows& rows, const support::Rows& reference);

// Mean Kullback-Leibler divergence of the distributions from the reference's, in nats.
double mean_divergence(const support::Rows& rows, const support::Rows& reference);

// The same of the row that half of all rows are no further off than.
double median_error(const support::Rows& rows, const support::Rows& reference);
double median_divergence(const support::Rows& rows, const support::Rows& reference);

// In nats, of one row.
std::vector<double> log_probabilities(std::span<const float> logits);

}  // namespace shimmy::kernels
