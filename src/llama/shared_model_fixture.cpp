#include "llama/shared_model_fixture.h"

#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>

#include "llama/backend.h"
#include "support/temp_dir.h"

namespace shimmy::llama {
namespace {

template <class T>
T value_or_exit(base::Result<T> result) {
  if (result) return std::move(*result);
  std::cerr << result.error().message << ": " << result.error().details << '\n';
  std::abort();
}

}  // namespace

std::shared_ptr<const Model> shared_model(support::TinyArchitecture architecture) {
  static const Backend backend{base::Logger()};
  static std::mutex mutex;
  static std::map<support::TinyArchitecture, std::shared_ptr<const Model>> models;
  const std::lock_guard lock(mutex);
  std::shared_ptr<const Model>& model = models[architecture];
  if (!model) {
    const support::TempDir directory;
    support::TinyModelOptions options;
    options.architecture = architecture;
    model = value_or_exit(Model::load(support::write_tiny_model(directory.path(), options)));
  }
  return model;
}

std::unique_ptr<Context> make_context(const ContextOptions& options,
                                      support::TinyArchitecture architecture) {
  return value_or_exit(Context::create(shared_model(architecture), /*pool=*/nullptr, options));
}

Batch prompt_batch(const std::vector<Token>& tokens, SequenceId sequence, Position from) {
  Batch batch(tokens.size());
  for (const Token token : tokens) {
    const bool is_last = batch.size() + 1 == tokens.size();
    batch.add(token, from + static_cast<Position>(batch.size()), sequence, is_last);
  }
  return batch;
}

std::vector<Token> some_tokens(std::size_t count, std::uint32_t seed) {
  std::vector<Token> tokens;
  std::uint32_t state = seed;
  while (tokens.size() < count) {
    state = state * 1664525U + 1013904223U;
    tokens.push_back(static_cast<Token>((state >> 8) % 300));
  }
  return tokens;
}

std::vector<float> copied(std::span<const float> logits) { return {logits.begin(), logits.end()}; }

}  // namespace shimmy::llama
