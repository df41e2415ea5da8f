// Concurrent generations in one process: the same work as llama-batched-bench, through the whole
// engine. One JSON line for the load, and one for each piece of work.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/machine.h"
#include "kernels/install.h"
#include "kernels/speed.h"
#include "kernels/weight_pages.h"
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
  int prompt_tokens = 128;
  int generated_tokens = 128;
  int streams = 1;
};

Work parse_work(const std::string& text) {
  Work work;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%d:%d:%d%c", &work.prompt_tokens, &work.generated_tokens,
                  &work.streams, &rest) != 3 ||
      std::min({work.prompt_tokens, work.generated_tokens, work.streams}) < 1) {
    throw std::runtime_error(
        fmt::format("\"{}\" is no work: PROMPT:GENERATED:STREAMS is, as in 128:128:16.", text));
  }
  return work;
}

// Megabytes that the system tells of this process: VmRSS, VmHWM.
double memory(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) * 1024e-6;
  }
  return 0;
}

// Any tokens do: the work is the same. Never twice the same, so that no cache knows them.
std::vector<generation::Token> prompt(int tokens, std::size_t vocabulary) {
  static std::mt19937 random(1);
  std::uniform_int_distribution<generation::Token> any(
      0, static_cast<generation::Token>(vocabulary) - 1);
  std::vector<generation::Token> result(static_cast<std::size_t>(tokens));
  std::ranges::generate(result, [&] { return any(random); });
  return result;
}

class Bench {
 public:
  Bench(std::shared_ptr<generation::Engine> engine, std::string schema)
      : engine_(std::move(engine)), schema_(std::move(schema)) {}

  // One line as llama-batched-bench has it: prompt and generation speed of all streams together.
  // Tokens that a stream generates while others still read their prompts count as generated later:
  // give all prompts together no more than a step's 512 tokens where that matters.
  std::string run(const Work& work) {
    std::vector<std::unique_ptr<generation::Generation>> generations;
    const auto begin = Clock::now();
    for (int i = 0; i < work.streams; ++i) {
      auto generation = engine_->submit(request(work));
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
    return fmt::format(
        R"({{"streams":{},"prompt_tok_s":{:.1f},"decode_tok_s":{:.1f},"total_s":{:.3f}}})",
        work.streams, work.streams * work.prompt_tokens / last_first_token,
        static_cast<double>(tokens) / (total - last_first_token), total);
  }

 private:
  generation::Request request(const Work& work) const {
    generation::Request request;
    request.prompt = prompt(work.prompt_tokens, engine_->tokenizer().size());
    request.max_tokens = work.generated_tokens;
    request.ignore_eos = true;
    request.sampling.temperature = 0;
    if (!schema_.empty()) {
      request.sampling.constraint = {generation::Constraint::Kind::JsonSchema, schema_, true};
    }
    return request;
  }

  std::shared_ptr<generation::Engine> engine_;
  std::string schema_;  // a JSON Schema that the answers obey; empty: none
};

struct Flags {
  std::string path;
  std::vector<std::string> work;
  bool has_own_kernels = false;
  bool has_no_mmap = false;
  bool reads_work = false;
  std::size_t streams = 16;
  std::size_t context_tokens = 0;
  std::string schema;
};

void tell(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

// Requires: our kernels are installed.
std::string bandwidth() {
  const int threads = static_cast<int>(base::usable_cores());
  return fmt::format("{{\"bandwidth_gb_s\":{:.2f}}}", kernels::measure_machine(threads).bandwidth);
}

llama::FileAccess access(const Flags& flags) {
  if (flags.has_no_mmap) return llama::FileAccess::Read;
  return flags.has_own_kernels ? llama::FileAccess::MapToCopy : llama::FileAccess::Map;
}

void measure(const Flags& flags) {
  const llama::Backend backend{base::Logger()};
  if (const auto installed =
          kernels::install(flags.has_own_kernels ? kernels::Choice::Shimmy : kernels::Choice::Ggml);
      !installed) {
    throw std::runtime_error(installed.error().message);
  }
  const double before = memory("VmRSS");
  const auto begin = Clock::now();
  const auto model = llama::Model::load(flags.path, {.access = access(flags)});
  if (!model) throw std::runtime_error(model.error().message);
  const double load_s = seconds_since(begin);
  while (kernels::gather_weight_pages()) continue;  // the server does it in the background
  const double load_peak = memory("VmHWM") - before;
  auto engine = scheduler::make_llama_engine(
      *model,
      {.context_tokens = flags.context_tokens,
       .first_context_tokens = flags.context_tokens == 0 ? 1024 : flags.context_tokens,
       .max_sequences = flags.streams},
      base::Logger());
  if (!engine) throw std::runtime_error(engine.error().message);
  tell(fmt::format(R"({{"weights_mb":{:.1f},"load_ms":{:.1f},"load_peak_mb":{:.1f}}})",
                   static_cast<double>((*model)->facts().size_bytes) * 1e-6, load_s * 1000,
                   load_peak));
  Bench bench(std::move(*engine), flags.schema);
  bench.run({16, 16, static_cast<int>(flags.streams)});  // warm up
  for (const std::string& work : flags.work) tell(bench.run(parse_work(work)));
  if (!flags.reads_work) return;
  for (std::string line; std::getline(std::cin, line);) {
    tell(line == "bandwidth" ? bandwidth() : bench.run(parse_work(line)));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("Measures concurrent generations on a model file.");
  Flags flags;
  app.add_option("model", flags.path, "a .gguf file")->required();
  app.add_option("--work", flags.work,
                 "PROMPT:GENERATED:STREAMS, tokens of each and how many at once, as in 128:128:16");
  app.add_flag("--read-work", flags.reads_work,
               "then more of it from the input, a line each; \"bandwidth\" measures the memory's");
  app.add_option("--streams", flags.streams, "at once at most (16)");
  app.add_option("--ctx", flags.context_tokens, "tokens of all together; 0: it grows (0)");
  app.add_flag("--own-kernels", flags.has_own_kernels,
               "multiply with shimmy's kernels, not ggml's");
  app.add_flag("--no-mmap", flags.has_no_mmap, "read the weights into memory");
  app.add_option("--schema", flags.schema, "a JSON Schema that the answers obey");
  CLI11_PARSE(app, argc, argv);
  measure(flags);
  return 0;
} catch (const std::exception& exception) {
  std::fprintf(stderr, "engine_bench: %s\n", exception.what());
  return 1;
}
