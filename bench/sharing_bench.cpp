// Two models in one process: what they reach together by turns and with half of the cores each, and
// how long a stream stands still while another model loads.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/engine_factory.h"
#include "base/machine.h"

namespace {

using namespace shimmy;
using Clock = std::chrono::steady_clock;
using EnginePtr = std::shared_ptr<generation::Engine>;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

generation::Request request(int tokens) {
  generation::Request request;
  for (int i = 0; i < 32; ++i) request.prompt.push_back(1000 + i * 7);
  request.max_tokens = tokens;
  request.ignore_eos = true;
  request.sampling.temperature = 0;
  return request;
}

struct Stream {
  std::size_t tokens = 0;
  double longest_gap_ms = 0;
};

Stream read(generation::Engine& engine, int tokens) {
  auto generation = engine.submit(request(tokens));
  if (!generation) throw std::runtime_error(generation.error().message);
  Stream stream;
  auto last = Clock::now();
  while (auto event = (*generation)->next()) {
    if (const auto* error = std::get_if<base::Error>(&*event)) {
      throw std::runtime_error(error->message);
    }
    if (stream.tokens++ > 0) {
      stream.longest_gap_ms = std::max(stream.longest_gap_ms, milliseconds_since(last));
    }
    last = Clock::now();
  }
  return stream;
}

// Tokens a second of all engines together, one stream each.
void run_together(const char* name, const std::vector<EnginePtr>& engines, int tokens) {
  for (const EnginePtr& engine : engines) read(*engine, 8);
  const auto begin = Clock::now();
  std::vector<std::future<Stream>> streams;
  streams.reserve(engines.size());
  for (const EnginePtr& engine : engines) {
    streams.push_back(std::async(std::launch::async, [&] { return read(*engine, tokens); }));
  }
  std::size_t all = 0;
  double gap = 0;
  for (auto& stream : streams) {
    const Stream done = stream.get();
    all += done.tokens;
    gap = std::max(gap, done.longest_gap_ms);
  }
  fmt::print("{{\"policy\":\"{}\",\"models\":{},\"tok_s\":{:.1f},\"longest_gap_ms\":{:.1f}}}\n",
             name, engines.size(), static_cast<double>(all) / milliseconds_since(begin) * 1000,
             gap);
}

// A stream's longest gap while the same file is loaded again and again beside it.
void run_beside_loads(const EnginePtr& engine, const std::function<EnginePtr()>& load, int tokens) {
  const Stream alone = read(*engine, tokens);
  auto stream = std::async(std::launch::async, [&] { return read(*engine, tokens); });
  int loads = 0;
  double load_ms = 0;
  while (stream.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    const auto begin = Clock::now();
    load();
    load_ms += milliseconds_since(begin);
    ++loads;
  }
  const Stream beside = stream.get();
  fmt::print(
      "{{\"loads\":{},\"load_ms\":{:.0f},\"longest_gap_ms\":{:.1f},\"gap_alone_ms\":{:.1f}}}\n",
      loads, load_ms / loads, beside.longest_gap_ms, alone.longest_gap_ms);
}

}  // namespace

int main(int argc, char** argv) try {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // a line as soon as it is known
  CLI::App arguments("Measures two models in one process, one JSON line for each policy.");
  std::string path;
  std::string other;
  int tokens = 200;
  arguments.add_option("model", path, "a .gguf file")->required();
  arguments.add_option("--other", other, "the second model; usually the same file again");
  arguments.add_option("--tokens", tokens, "to generate in each stream");
  CLI11_PARSE(arguments, argc, argv);
  const auto backend = std::make_shared<app::LazyBackend>(base::Logger());
  const auto load = [](const pool::EngineFactory& factory, const std::string& file) {
    pool::LoadRequest wanted;
    wanted.entry.path = file;
    auto engine = factory(wanted);
    if (!engine) throw std::runtime_error(engine.error().message);
    return *engine;
  };
  const std::string second = other.empty() ? path : other;
  const std::size_t cores = base::usable_cores();
  app::ModelOptions half;
  half.threads = std::max<std::size_t>(1, cores / 2);
  const auto shared = app::engine_factory(backend, {}, base::Logger());
  {
    const std::vector<EnginePtr> engines{load(shared, path), load(shared, second)};
    run_together("alone", {engines[0]}, tokens);
    run_together("turns", engines, tokens);
    run_together("alone", {engines[0]}, tokens);
    run_together("turns", engines, tokens);
  }
  run_together("split",
               {load(app::engine_factory(backend, half, base::Logger()), path),
                load(app::engine_factory(backend, half, base::Logger()), second)},
               tokens);
  run_together("none",
               {load(app::engine_factory(backend, {}, base::Logger()), path),
                load(app::engine_factory(backend, {}, base::Logger()), second)},
               tokens);
  run_beside_loads(load(shared, path), [&] { return load(shared, second); }, 4 * tokens);
  return 0;
} catch (const std::exception& exception) {
  std::fprintf(stderr, "sharing_bench: %s\n", exception.what());
  return 1;
}
