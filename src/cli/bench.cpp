#include "cli/bench.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <utility>

#include "app/version.h"
#include "base/escape.h"
#include "base/machine.h"
#include "base/quantity.h"
#include "cli/flags.h"
#include "cli/json_text.h"
#include "cli/kernel_bench.h"
#include "cli/load.h"
#include "cli/status_line.h"
#include "cli/table.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;
using base::Result;

constexpr const char* kFooter = R"(
Examples:
  shimmy bench phi
  shimmy bench phi -p 512 -n 128 -b 1 -r 5       the rows of llama-bench
  shimmy bench phi --kernels ggml                with ggml's kernels
  shimmy bench --kernels                         the kernels alone, beside ggml's

pp512 is the prefill of 512 tokens, tg64 the decoding of 64, "tg64 x4" that of four requests at
once, together. Means and standard deviations, in tokens a second.)";

class BenchFlags {
 public:
  void add_to(CLI::App& app) {
    app.footer(kFooter);
    model_.add_to(app, "name or path of a .gguf file ($SHIMMY_MODEL)");
    add_list(app, "-p,--n-prompt", options_.prompts, "lengths of prompts (512,128); 0: none");
    add_list(app, "-n,--n-gen", options_.generated, "lengths of texts (64); 0: none");
    add_list(app, "-b,--batch", options_.batches, "requests at once (1,4,16)");
    app.add_option("-r,--repetitions", options_.repetitions, "of each test (3)")->type_name("N");
    app.add_flag("--json", options_.json, "print one JSON object");
    add_engine(app, options_.engine);
    kernels_ = app.get_option("--kernels")
                   ->expected(0, 1)
                   ->description(
                       "that multiply on the CPU: auto, ggml or shimmy (auto); without "
                       "a word: measure them alone, with no model");
    add_list(app, "--type", options_.types, "of weights (q4_0,q8_0): with --kernels alone");
    add_model_dirs(app, options_.model_dirs);
  }

  Result<BenchOptions> options() const {
    auto model = model_.chosen();
    if (!model) return std::unexpected(std::move(model).error());
    BenchOptions result = options_;
    result.model = std::move(*model);
    result.measures_kernels = kernels_->count() > 0 && kernels_->results().back().empty();
    constexpr std::size_t most_tokens = 131'072;
    constexpr std::size_t most = 256;
    for (const auto* lengths : {&result.prompts, &result.generated}) {
      if (std::ranges::max(*lengths) > most_tokens) {
        return base::fail_field("n-prompt", "A test can have at most {} tokens.", most_tokens);
      }
    }
    const auto is_wrong = [](std::size_t count) { return count < 1 || count > most; };
    if (std::ranges::any_of(result.batches, is_wrong) || is_wrong(result.repetitions)) {
      return base::fail_field("batch", "--batch and --repetitions must be 1 to {}.", most);
    }
    if (bench_tests(result).empty()) {
      return base::fail_field("n-prompt", "Nothing is left to measure: give -p or -n a length.");
    }
    return result;
  }

 private:
  template <class Value>
  static void add_list(CLI::App& app, const char* name, std::vector<Value>& values,
                       const char* help) {
    const char* const word = std::is_same_v<Value, std::string> ? "TYPE,…" : "N,…";
    app.add_option(name, values, help)->type_name(word)->delimiter(',')->allow_extra_args(false);
  }

  BenchOptions options_;
  ModelFlags model_;
  const CLI::Option* kernels_ = nullptr;
};

// Room for the largest test; a request's prompt and text and what the engine rounds away.
app::ModelOptions engine_options(const BenchOptions& options) {
  constexpr std::size_t spare = 64;
  constexpr std::size_t granularity = 256;
  app::ModelOptions engine = options.engine;
  std::size_t tokens = 0;
  for (const BenchTest& test : bench_tests(options)) {
    tokens = std::max(tokens, test.batch * (test.prompt_tokens + test.generated_tokens + spare));
    engine.parallel = std::max(engine.parallel, test.batch);
  }
  if (engine.context_tokens == 0) {
    engine.context_tokens = (tokens + granularity - 1) / granularity * granularity;
  }
  return engine;
}

Result<BenchRow> run(const BenchTest& test, const BenchOptions& options, const Loaded& loaded,
                     BenchPrompts& prompts, const Services& services, StatusLine& progress) {
  BenchRow row{test, {}};
  for (std::size_t i = 0; i <= options.repetitions; ++i) {
    progress.show(i == 0 ? fmt::format("{}: warming up", test.name())
                         : fmt::format("{}: {} of {}", test.name(), i, options.repetitions));
    const auto speed = measure(*loaded.engine, test, prompts, services.stop());
    if (!speed) return std::unexpected(speed.error());
    if (i > 0) row.samples.push_back(*speed);
  }
  return row;
}

std::string as_table(const models::ModelEntry& entry, const std::vector<BenchRow>& rows,
                     std::size_t threads, std::size_t width) {
  std::vector<std::vector<std::string>> cells;
  for (const BenchRow& row : rows) {
    cells.push_back({base::escape_control(entry.name), base::human_bytes(entry.size_bytes),
                     base::human_count(entry.parameters), std::to_string(threads), row.test.name(),
                     fmt::format("{:.2f} ± {:.2f}", row.mean(), row.deviation())});
  }
  return render_table({{"MODEL", Align::Left, 5},
                       {"SIZE", Align::Right, 2},
                       {"PARAMS", Align::Right, 1},
                       {"THREADS", Align::Right, 3},
                       {"TEST", Align::Right, 9},
                       {"TOK/S", Align::Right, 9}},
                      cells, width);
}

double nanoseconds(const BenchTest& test, double speed) {
  const std::size_t tokens =
      test.batch * (test.generated_tokens > 0 ? test.generated_tokens : test.prompt_tokens);
  return speed > 0 ? static_cast<double>(tokens) * 1e9 / speed : 0;
}

// The names of llama-bench's own JSON, where it has the same thing.
std::string as_json(const models::ModelEntry& entry, const std::vector<BenchRow>& rows,
                    std::size_t threads) {
  json::array results;
  for (const BenchRow& row : rows) {
    results.push_back({{"test", row.test.name()},
                       {"model_filename", entry.path.string()},
                       {"model_type", entry.architecture + " " + entry.quantization},
                       {"model_size", entry.size_bytes},
                       {"model_n_params", entry.parameters},
                       {"n_threads", threads},
                       {"n_prompt", row.test.prompt_tokens},
                       {"n_gen", row.test.generated_tokens},
                       {"n_parallel", row.test.batch},
                       {"avg_ns", std::round(nanoseconds(row.test, row.mean()))},
                       {"avg_ts", row.mean()},
                       {"stddev_ts", row.deviation()},
                       {"samples_ts", json::value_from(row.samples)}});
  }
  return json_text({{"model", entry.name},
                    {"version", app::version()},
                    {"llama_version", app::llama_version()},
                    {"cpu_target", app::cpu_target()},
                    {"results", std::move(results)}});
}

int fail_with(const base::Error& error, Terminal& terminal) {
  print_error(terminal, error);
  return exit_code(error);
}

}  // namespace

std::vector<BenchTest> bench_tests(const BenchOptions& options) {
  std::vector<BenchTest> tests;
  for (const std::size_t tokens : options.prompts) {
    if (tokens > 0) tests.push_back({tokens, 0, 1});
  }
  for (const std::size_t tokens : options.generated) {
    for (const std::size_t batch : options.batches) {
      if (tokens > 0) tests.push_back({0, tokens, batch});
    }
  }
  return tests;
}

int bench(const BenchOptions& options, Terminal& terminal, const Services& services) {
  if (options.measures_kernels) {
    return bench_kernels({options.engine.threads, options.types}, options.json, terminal, services);
  }
  const app::ModelOptions engine = engine_options(options);
  const auto loaded = load_model(options.model, options.model_dirs, engine, terminal, services);
  if (!loaded) return fail_with(loaded.error(), terminal);
  std::vector<BenchRow> rows;
  {
    StatusLine progress(terminal);
    BenchPrompts prompts(loaded->engine->tokenizer());
    for (const BenchTest& test : bench_tests(options)) {
      auto row = run(test, options, *loaded, prompts, services, progress);
      if (!row) return fail_with(row.error(), terminal);
      rows.push_back(std::move(*row));
    }
  }
  const std::size_t threads = engine.threads > 0 ? engine.threads : base::usable_cores();
  return finish(terminal, options.json ? as_json(loaded->entry, rows, threads)
                                       : as_table(loaded->entry, rows, threads,
                                                  terminal.out_is_tty ? terminal.width : 0));
}

Command bench_command() {
  return checked_command<BenchFlags>("bench", "measure how fast a model runs here", bench);
}

}  // namespace shimmy::cli
