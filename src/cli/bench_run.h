// Measures how fast an engine reads prompts and writes text.
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "generation/engine.h"

namespace shimmy::cli {

// One row of the table. A prompt alone measures prefill ("pp512"), text alone decoding ("tg128").
struct BenchTest {
  std::size_t prompt_tokens = 0;
  std::size_t generated_tokens = 0;
  std::size_t batch = 1;  // requests at once; more than 1 only for text

  std::string name() const;  // as llama-bench has it
};

struct BenchRow {
  BenchTest test;
  std::vector<double> samples;  // tokens a second of each repetition, of all requests together

  double mean() const;
  double deviation() const;  // standard deviation of the samples; 0 for fewer than two
};

// A generator of prompts that never repeat, so that no cache can know them: numbers of ordinary
// tokens, the same in every run.
class BenchPrompts {
 public:
  explicit BenchPrompts(const generation::Tokenizer& tokenizer);
  std::vector<generation::Token> next(std::size_t tokens);

 private:
  std::vector<generation::Token> words_;
  std::uint64_t state_ = 1;
};

// One repetition: tokens a second. Blocks. Fails as Engine::submit, and with Cancelled.
base::Result<double> measure(generation::Engine& engine, const BenchTest& test,
                             BenchPrompts& prompts, const std::stop_token& stop);

}  // namespace shimmy::cli
