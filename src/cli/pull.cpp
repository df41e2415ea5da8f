#include "cli/pull.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/escape.h"
#include "base/quantity.h"
#include "cli/pull_events.h"
#include "cli/pull_progress.h"
#include "cli/question.h"
#include "cli/table.h"
#include "pull/puller.h"

namespace shimmy::cli {
namespace {

using base::ErrorCode;
using base::human_bytes;
using base::Result;
namespace fs = std::filesystem;

std::string variants_table(std::span<const pull::Variant> variants, std::size_t usual) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    rows.push_back({std::to_string(i + 1), base::escape_control(variants[i].name),
                    human_bytes(variants[i].bytes), i == usual ? "(usual)" : ""});
  }
  return render_table({{"", Align::Right}, {"NAME"}, {"SIZE", Align::Right}, {""}}, rows, 0);
}

// The user's choice by number or name; an empty line takes the usual one.
Result<std::size_t> choose_variant(Terminal& terminal, std::span<const pull::Variant> variants,
                                   std::size_t usual) {
  terminal.err << variants_table(variants, usual);
  while (true) {
    const auto answer = ask(terminal, fmt::format("Which one? [{}] ", usual + 1));
    if (!answer) return std::unexpected(answer.error());
    if (answer->empty()) return usual;
    std::size_t number = 0;
    const char* end = answer->data() + answer->size();
    if (std::from_chars(answer->data(), end, number).ptr == end && number >= 1 &&
        number <= variants.size()) {
      return number - 1;
    }
    if (const auto found = pull::find_variant(variants, *answer, "This repository")) return *found;
    terminal.err << fmt::format("Type a number from 1 to {}, or a name.\n", variants.size());
  }
}

// Quoted where a shell would take it apart.
std::string shell_word(const std::string& name) {
  return name.find_first_of(" \t'\"\\$&;|<>()*?#~`") == std::string::npos
             ? name
             : fmt::format("\"{}\"", name);
}

class Pull {
 public:
  Pull(const PullOptions& options, Terminal& terminal, const Services& services)
      : options_(options), terminal_(terminal), services_(services) {}

  int run() {
    auto puller = services_.puller(options_.directory);
    if (!puller) return failed(puller.error());
    const auto plan = resolve(*puller);
    if (!plan) return failed(plan.error());
    announce(*plan);
    PullProgress progress(terminal_, *plan, clock_);
    bool is_read = true;
    const auto pulled = puller->fetch(
        *plan,
        [&](const pull::Event& event) {
          if (!options_.json) progress.show(event);
          else
            is_read = is_read &&
                      write_out(terminal_, pull_event_json(event, *plan)) == WriteResult::Written;
        },
        services_.stop());
    if (!pulled) return interrupted_or_failed(pulled.error(), progress.bytes_there());
    return succeeded(*plan, *pulled);
  }

 private:
  Result<pull::Plan> resolve(const pull::Puller& puller) {
    pull::Asked asked{options_.reference, options_.quantization};
    if (!options_.yes && !options_.json && can_ask(terminal_)) {
      asked.choose = [this](std::span<const pull::Variant> variants, std::size_t usual) {
        return choose_variant(terminal_, variants, usual);
      };
    }
    // Nothing is on the disk yet: Ctrl-C may end the process at once.
    return puller.resolve(asked,
                          [this](const pull::Event& event) {
                            const auto* retrying = std::get_if<pull::Retrying>(&event);
                            if (retrying == nullptr || options_.json) return;
                            terminal_.err << base::escape_control(retrying->why.message)
                                          << " Trying again.\n"
                                          << std::flush;
                          },
                          {});
  }

  void announce(const pull::Plan& plan) {
    if (options_.json) return;
    const std::string size = plan.bytes() > 0 ? human_bytes(plan.bytes()) : "unknown size";
    const std::string count =
        plan.files.size() == 1 ? "" : fmt::format(" in {} files", plan.files.size());
    terminal_.err << fmt::format("Pulling {} ({}{}) to {}\n", base::escape_control(plan.reference),
                                 size, count, plan.files.front().path.parent_path().string())
                  << std::flush;
  }

  int failed(const base::Error& error) {
    print_error(terminal_, error);
    if (options_.json) finish(terminal_, pull_error_json(error));
    return exit_code(error);
  }

  int interrupted_or_failed(const base::Error& error, std::uint64_t bytes) {
    if (error.code != ErrorCode::Cancelled || options_.json) return failed(error);
    terminal_.err << fmt::format(
                         "shimmy: Stopped. {} are kept: repeat the command to go on from there.\n",
                         human_bytes(bytes))
                  << std::flush;
    return exit_code(error);
  }

  int succeeded(const pull::Plan& plan, const pull::Pulled& pulled) {
    const std::string name = pulled_name(pulled.model, options_.directory, services_);
    if (options_.json) return finish(terminal_, pulled_json(pulled, plan, name));
    for (const std::string& warning : pulled.warnings) {
      terminal_.err << "Warning: " << base::escape_control(warning) << '\n';
    }
    const std::string where =
        options_.directory.empty() ? "" : " --model-dir " + shell_word(options_.directory);
    return finish(terminal_, fmt::format("{} {}. Use it with:\n  shimmy serve {}{}\n",
                                         base::escape_control(plan.reference),
                                         pulled.was_there ? "is there already" : "is there now",
                                         shell_word(name), where));
  }

  const PullOptions& options_;
  Terminal& terminal_;
  const Services& services_;
  const base::SteadyClock clock_;
};

void add_flags(CLI::App& app, PullOptions& options) {
  app.add_option("REF", options.reference,
                 "org/repo[:quant] of the Hugging Face hub, name[:tag] of Ollama's registry, or "
                 "https://….gguf")
      ->type_name("")
      ->required();
  app.add_option("--quant", options.quantization, "quantisation to take, as Q4_K_M")
      ->type_name("Q");
  app.add_option("--dir", options.directory, "where to put it; usual: shimmy's own directory")
      ->type_name("DIR");
  app.add_flag("--json", options.json, "print one JSON object a line");
  app.add_flag("-y,--yes", options.yes, "ask nothing");
  app.footer(R"(
Examples:
  shimmy pull org/repo-GGUF          asks which quantisation, or takes Q4_K_M
  shimmy pull org/repo-GGUF:Q8_0
  shimmy pull qwen3:0.6b             from Ollama's registry

Environment: HF_TOKEN (for gated models), HF_ENDPOINT, SHIMMY_OLLAMA_REGISTRY,
https_proxy, no_proxy, SSL_CERT_FILE. A pull that was interrupted goes on where it
was when it is repeated.)");
}

}  // namespace

std::string pulled_name(const fs::path& model, const std::string& directory,
                        const Services& services) {
  std::vector<std::string> dirs;
  if (!directory.empty()) dirs.push_back(directory);
  const models::Catalog catalog = services.scan(dirs);
  for (const models::ModelEntry& entry : catalog.entries()) {
    std::error_code error;
    if (fs::equivalent(entry.path, model, error) && !error) return entry.name;
  }
  return model.string();
}

int pull(const PullOptions& options, Terminal& terminal, const Services& services) {
  return Pull(options, terminal, services).run();
}

Command pull_command() {
  return plain_command<PullOptions>("pull", "get a model from a hub or registry", add_flags, pull);
}

}  // namespace shimmy::cli
