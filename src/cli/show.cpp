#include "cli/show.h"

#include <CLI/App.hpp>

#include "cli/flags.h"
#include "cli/model_card.h"
#include "cli/model_choice.h"

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
    kernels_ = add_kernels(app, engine_);
  }

  Result<ShowOptions> options() const {
    auto model = model_.chosen();
    if (!model) return std::unexpected(std::move(model).error());
    ShowOptions result = options_;
    result.model = std::move(*model);
    if (kernels_->count() > 0) result.kernels = engine_.kernels;
    return result;
  }

 private:
  ShowOptions options_;
  ModelFlags model_;
  app::ModelOptions engine_;
  const CLI::Option* kernels_ = nullptr;
};

Result<std::string> text(const ShowOptions& options, const Services& services) {
  auto entry = choose_model(services.scan(options.model_dirs), options.model, services.environment,
                            models::read_file_facts);
  if (!entry) return std::unexpected(std::move(entry).error());
  auto settings = services.server_settings();
  if (settings && options.kernels) settings->engine.kernels = *options.kernels;
  const auto card = model_card(std::move(*entry), settings ? &*settings : nullptr);
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
