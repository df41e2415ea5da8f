// shimmy bench: how fast does a model run here?
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/options.h"
#include "cli/bench_run.h"
#include "cli/command.h"

namespace shimmy::cli {

struct BenchOptions {
  std::string model;                           // name or path; empty: choose_model decides
  std::vector<std::size_t> prompts{512, 128};  // tokens of the prefill tests
  std::vector<std::size_t> generated{64};      // tokens of the decode tests
  std::vector<std::size_t> batches{1, 4, 16};  // requests at once in these
  std::size_t repetitions = 3;                 // after one to warm up
  bool measures_kernels = false;               // and no model
  std::vector<std::string> types;              // of weights, for that; empty: all
  bool json = false;
  std::vector<std::string> model_dirs;
  app::ModelOptions engine;
};

std::vector<BenchTest> bench_tests(const BenchOptions& options);

// Returns the exit code.
int bench(const BenchOptions& options, Terminal& terminal, const Services& services);

Command bench_command();

}  // namespace shimmy::cli
