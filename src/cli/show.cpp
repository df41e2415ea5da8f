#include "cli/show.h"

#include <CLI/App.hpp>

#include "base/machine.h"
#include "cli/flags.h"
#include "cli/model_card.h"
#include "cli/model_choice.h"
#include "pool/memory_budget.h"

namespace shimmy::cli {
namespace {

using base::Result;

class ShowFlags {
 public:
  void add_to(CLI::App& app) {
    model_.add_to(app, "name or path of a .gguf file ($SHIMMY_MODEL)");
    app.add_flag("--json", options_.json, "print one JSON object");
    app.add_flag("--template", options_.chat_template, "print the chat template alone, whole");
    add_model_dirs(app, options_.model_dirs);
  }

  Result<ShowOptions> options() const {
    auto model = model_.chosen();
    if (!model) return std::unexpected(std::move(model).error());
    ShowOptions result = options_;
    result.model = std::move(*model);
    return result;
  }

 private:
  ShowOptions options_;
  ModelFlags model_;
};

Result<std::string> text(const ShowOptions& options, const Services& services) {
  auto entry = choose_model(services.scan(options.model_dirs), options.model, services.environment,
                            models::read_file_facts);
  if (!entry) return std::unexpected(std::move(entry).error());
  const std::uint64_t budget =
      pool::default_budget_bytes(base::machine_memory(), base::resident_bytes());
  const auto card = model_card(std::move(*entry), budget);
  if (!card) return std::unexpected(card.error());
  if (!options.chat_template) return options.json ? to_json(*card) : to_text(*card);
  if (card->chat_template.empty()) {
    return base::fail(base::ErrorCode::InvalidRequest, "{} has no chat template.",
                      card->entry.name);
  }
  return card->chat_template + (card->chat_template.ends_with('\n') ? "" : "\n");
}

}  // namespace

int show(const ShowOptions& options, Terminal& terminal, const Services& services) {
  const auto shown = text(options, services);
  if (shown) return finish(terminal, *shown);
  print_error(terminal, shown.error());
  return exit_code(shown.error());
}

Command show_command() {
  return checked_command<ShowFlags>("show", "tell everything that is known of a model", show);
}

}  // namespace shimmy::cli
