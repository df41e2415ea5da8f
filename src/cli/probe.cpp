#include "cli/probe.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <utility>

#include "base/escape.h"
#include "base/machine.h"
#include "base/quantity.h"
#include "cli/answer.h"
#include "cli/flags.h"
#include "cli/json_text.h"
#include "cli/load.h"
#include "cli/table.h"

namespace shimmy::cli {
namespace {

// Enough for a speed, few enough for a slow machine.
constexpr std::int32_t kProbeTokens = 8;

namespace json = boost::json;

base::Result<Answer> ask(const Loaded& loaded, const Services& services) {
  auto prompt = services.encode_prompt(*loaded.engine, app::PromptMode::Raw, {}, "Hello");
  if (!prompt) return std::unexpected(std::move(prompt).error());
  generation::Request request;
  request.prompt = std::move(*prompt);
  request.max_tokens = kProbeTokens;
  request.ignore_eos = true;
  request.sampling.temperature = 0;
  const auto generation = loaded.engine->submit(std::move(request));
  if (!generation) return std::unexpected(generation.error());
  Answer answer{loaded.entry.name, {}, {}, {}, {}, loaded.load_ms};
  while (auto event = (*generation)->next(services.stop())) {
    if (auto* error = std::get_if<base::Error>(&*event)) return std::unexpected(std::move(*error));
    if (auto* finished = std::get_if<generation::FinishedEvent>(&*event)) {
      answer.usage = finished->usage;
      answer.finished = std::move(*finished);
    }
  }
  if (answer.finished) return answer;
  return base::fail(base::ErrorCode::Cancelled, "Interrupted.");
}

double first_token_ms(const Answer& answer) {
  return answer.finished ? answer.finished->timings.ttft_ms : 0;
}

// Where the weights went: a line for each type and reason.
std::string weights_text(const app::KernelUse& use) {
  if (use.weights.empty()) return {};
  constexpr std::size_t most_names = 3;
  std::vector<std::vector<std::string>> cells;
  for (const app::WeightGroup& group : app::weight_groups(use)) {
    std::string why = group.reason;
    for (std::size_t i = 0; !why.empty() && i < group.tensors.size(); ++i) {
      if (i == most_names) why += ", …";
      if (i < most_names) why += (i == 0 ? ": " : ", ") + base::escape_control(group.tensors[i]);
    }
    cells.push_back({group.type, std::to_string(group.tensors.size()),
                     group.reason.empty() ? use.kernels : "ggml", why});
  }
  return '\n' + render_table({{"TYPE", Align::Left, 9},
                              {"MATRICES", Align::Right, 5},
                              {"KERNELS", Align::Left, 8},
                              {"WHY", Align::Left, 7}},
                             cells, 0);
}

json::object weights_json(const app::KernelUse& use) {
  json::array weights;
  for (const kernels::Placement& weight : use.weights) {
    const bool is_ours = weight.reason.empty();
    weights.push_back({{"tensor", weight.tensor},
                       {"type", weight.type},
                       {"kernels", is_ours ? "shimmy" : "ggml"},
                       {"reason", weight.reason}});
  }
  return {{"name", use.kernels}, {"forced", !use.forced.empty()}, {"weights", std::move(weights)}};
}

std::string as_text(const Answer& answer, const app::KernelUse& use) {
  return fmt::format(
             "ok: loaded {} in {:.2f} s\nmemory       {} (peak {})\nfirst token  {:.0f} ms\n"
             "speed        {:.1f} tok/s\nkernels      {}\n",
             answer.model, answer.load_ms / 1000, base::human_bytes(base::resident_bytes()),
             base::human_bytes(base::peak_resident_bytes()), first_token_ms(answer),
             decode_speed(answer), app::summary(use)) +
         weights_text(use);
}

std::string as_json(const Answer& answer, const app::KernelUse& use) {
  return json_text({{"ok", true},
                    {"model", answer.model},
                    {"load_ms", answer.load_ms},
                    {"ttft_ms", first_token_ms(answer)},
                    {"decode_tokens_per_second", decode_speed(answer)},
                    {"memory_bytes", base::resident_bytes()},
                    {"peak_memory_bytes", base::peak_resident_bytes()},
                    {"kernels", weights_json(use)}});
}

int fail_probe(const ProbeOptions& options, Terminal& terminal, base::Error error) {
  if (options.json) {
    finish(terminal,
           json_text({{"ok", false},
                      {"model", options.model},
                      {"error", {{"code", base::name(error.code)}, {"message", error.message}}}}));
  }
  error.message = "Probe failed: " + error.message;
  print_error(terminal, error);
  return error.code == base::ErrorCode::Cancelled ? 130 : 2;
}

class ProbeFlags {
 public:
  void add_to(CLI::App& app) {
    model_.add_to(app, "name or path of a .gguf file ($SHIMMY_MODEL)");
    app.add_flag("--json", options_.json, "print one JSON object");
    add_engine(app, options_.engine);
    add_model_dirs(app, options_.model_dirs);
  }

  base::Result<ProbeOptions> options() const {
    auto model = model_.chosen();
    if (!model) return std::unexpected(std::move(model).error());
    ProbeOptions result = options_;
    result.model = std::move(*model);
    return result;
  }

 private:
  ProbeOptions options_;
  ModelFlags model_;
};

}  // namespace

int probe(const ProbeOptions& options, Terminal& terminal, const Services& services) {
  const auto loaded =
      load_model(options.model, options.model_dirs, options.engine, terminal, services);
  if (!loaded) return fail_probe(options, terminal, loaded.error());
  const auto answer = ask(*loaded, services);
  if (!answer) return fail_probe(options, terminal, answer.error());
  const auto use = services.kernel_use();
  if (!use) return fail_probe(options, terminal, use.error());
  return finish(terminal, options.json ? as_json(*answer, *use) : as_text(*answer, *use));
}

Command probe_command() {
  return checked_command<ProbeFlags>("probe", "load a model and see whether it works", probe);
}

}  // namespace shimmy::cli
