// shimmy config: the configuration file, and what it comes to.
#pragma once

#include <string>

#include "app/options.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/serve_flags.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

struct ConfigOptions {
  enum class Action { Check, Show, Schema, Init };

  Action action = Action::Show;
  bool json = false;
  app::ConfigSources sources;  // the file, where one is named
};

int config(const ConfigOptions& options, Terminal& terminal, const Services& services);

// Must stay where it is between add_to() and options().
class ConfigFlags {
 public:
  void add_to(CLI::App& app);

  // Fails with InvalidRequest.
  base::Result<ConfigOptions> options() const;

 private:
  SettingFlags settings_;
  std::string action_;
  std::string file_;
  bool json_ = false;
};

Command config_command();

}  // namespace shimmy::cli
