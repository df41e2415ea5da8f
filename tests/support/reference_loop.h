// A plain loop on libllama, with nothing of ours in between: what the scheduler is compared with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace shimmy::support {

using Tokens = std::vector<std::int32_t>;
using Rows = std::vector<std::vector<float>>;  // one row of logits for each token that was chosen

struct ReferenceOptions {
  std::int32_t context_tokens = 8192;
  std::int32_t batch_tokens = 512;
  std::int32_t max_sequences = 16;
  std::int32_t max_outputs = 16;  // tokens of a batch whose logits are asked for
  std::int32_t threads = 1;
  bool exact = false;  // 32-bit keys and values, attention in plain products
};

// Throws std::runtime_error when anything fails.
class ReferenceLoop {
 public:
  ReferenceLoop(const std::filesystem::path& model, const ReferenceOptions& options);
  ~ReferenceLoop();
  ReferenceLoop(const ReferenceLoop&) = delete;
  ReferenceLoop& operator=(const ReferenceLoop&) = delete;

  Tokens tokenize(const std::string& text) const;

  // The logits after each token of a text on an empty cache. They are gone after each visit.
  void read(const Tokens& text,
            const std::function<void(std::size_t, std::span<const float>)>& visit);

  struct Generated {
    Tokens tokens;
    Rows logits;
  };

  // `count` greedy tokens of one prompt on an empty cache; end tokens are tokens like any other.
  Generated alone(const Tokens& prompt, std::size_t count);

  // The logits along given continuations when all prompts are computed together: prompts in shared
  // batches, then one row of each in every step.
  std::vector<Rows> together(const std::vector<Tokens>& prompts,
                             const std::vector<Tokens>& continuations);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace shimmy::support
