// Concurrent generations in one process: the same work as llama-batched-bench, through the whole
// engine.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/install.h"
#include "llama/backend.h"
#include "llama/model.h"
#include "scheduler/llama_engine.h"

namespace {

using namespace shimmy;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Work {
  int streams = 1;
  int prompt_tokens = 128;
  int generated_tokens = 128;
  std::string schema;  // a JSON Schema that the answers obey; empty: none
};

generation::Request request(const Work& work, int stream, std::size_t vocabulary) {
  generation::Request request;
  for (int i = 0; i < work.prompt_tokens; ++i) {
    // Any tokens do: the work is the same. Different for each stream, so that nothing could be
    // shared.
    request.prompt.push_back(static_cast<generation::Token>(
        (static_cast<std::size_t>(i) * 7919 + static_cast<std::size_t>(stream) * 104729 + 1000) %
        vocabulary));
  }
  request.max_tokens = work.generated_tokens;
  request.ignore_eos = true;
  request.sampling.temperature = 0;
  if (!work.schema.empty()) {
    request.sampling.constraint = {generation::Constraint::Kind::JsonSchema, work.schema, true};
  }
  return request;
}

// One line as llama-batched-bench has it: prompt and generation speed of all streams together.
void run(generation::Engine& engine, const Work& work) {
  std::vector<std::unique_ptr<generation::Generation>> generations;
  const auto begin = Clock::now();
  for (int i = 0; i < work.streams; ++i) {
    auto generation = engine.submit(request(work, i, engine.tokenizer().size()));
    if (!generation) throw std::runtime_error(generation.error().message);
    generations.push_back(std::move(*generation));
  }
  double last_first_token = 0;
  std::size_t tokens = 0;
  for (auto& generation : generations) {
    while (auto event = generation->next()) {
      if (const auto* error = std::get_if<base::Error>(&*event))
        throw std::runtime_error(error->message);
      if (const auto* end = std::get_if<generation::FinishedEvent>(&*event)) {
        tokens += end->usage.completion_tokens - 1;
        last_first_token = std::max(last_first_token, end->timings.ttft_ms / 1000);
      }
    }
  }
  const double total = seconds_since(begin);
  const double prompt = work.streams * work.prompt_tokens / last_first_token;
  const double generated = static_cast<double>(tokens) / (total - last_first_token);
  fmt::print(
      "{{\"streams\":{},\"prompt_tok_s\":{:.1f},\"decode_tok_s\":{:.1f},\"total_s\":{:.3f}}}\n",
      work.streams, prompt, generated, total);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Measures concurrent generations on a model file, one JSON line for each number of streams.");
  std::string path;
  Work work;
  std::vector<int> streams{1, 4, 16};
  app.add_option("model", path, "a .gguf file")->required();
  app.add_option("--prompt-tokens", work.prompt_tokens, "tokens of each prompt");
  app.add_option("--generated-tokens", work.generated_tokens, "tokens to generate for each");
  app.add_option("--streams", streams, "numbers of concurrent streams");
  bool has_own_kernels = false;
  app.add_flag("--own-kernels", has_own_kernels, "multiply with shimmy's kernels, not ggml's");
  app.add_option("--schema", work.schema, "a JSON Schema that the answers obey");
  CLI11_PARSE(app, argc, argv);
  try {
    const llama::Backend backend{base::Logger()};
    if (const auto installed =
            kernels::install(has_own_kernels ? kernels::Choice::Shimmy : kernels::Choice::Ggml);
        !installed) {
      throw std::runtime_error(installed.error().message);
    }
    const llama::ModelOptions options = {
        .access = has_own_kernels ? llama::FileAccess::MapToCopy : llama::FileAccess::Map};
    const auto model = llama::Model::load(path, options);
    if (!model) throw std::runtime_error(model.error().message);
    auto engine = scheduler::make_llama_engine(*model, {}, base::Logger());
    if (!engine) throw std::runtime_error(engine.error().message);
    run(**engine, {1, 16, 16});  // warm up
    for (const int count : streams) {
      work.streams = count;
      run(**engine, work);
    }
  } catch (const std::exception& exception) {
    fmt::print(stderr, "engine_bench: {}\n", exception.what());
    return 1;
  }
  return 0;
}
