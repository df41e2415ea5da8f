// What every Engine must do, whatever runs behind it. A test program defines the maker and
// instantiates the suite:
//   INSTANTIATE_TEST_SUITE_P(Local, EngineConformance, testing::Values(EngineMaker{...}));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "generation/engine.h"

namespace shimmy::support {

// Makes an engine that generates at least 200 tokens for any prompt before it ends by itself, if it
// ends at all.
struct EngineMaker {
  std::function<std::shared_ptr<generation::Engine>()> make;
};

class EngineConformance : public testing::TestWithParam<EngineMaker> {
 protected:
  EngineConformance() : engine(GetParam().make()) {}

  generation::Request request(const std::string& prompt, int max_tokens) const {
    generation::Request request;
    request.prompt = engine->tokenizer().encode(prompt, true, generation::SpecialText::Plain);
    request.max_tokens = max_tokens;
    request.sampling.temperature = 0;
    return request;
  }

  // Reads to the end.
  static std::vector<generation::Event> all(generation::Generation& generation) {
    std::vector<generation::Event> events;
    while (auto event = generation.next()) events.push_back(std::move(*event));
    return events;
  }

  std::shared_ptr<generation::Engine> engine;
};

}  // namespace shimmy::support
