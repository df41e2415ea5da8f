// The flags of shimmy serve: one for each setting that has a flag.
#pragma once

#include <list>
#include <string>
#include <vector>

#include "app/options.h"
#include "app/setting.h"
#include "cli/flags.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;       // NOLINT(readability-identifier-naming): CLI11's name
class Option;    // NOLINT(readability-identifier-naming): CLI11's name
}  // namespace CLI

namespace shimmy::cli {

// The settings alone, and --config. Must stay where it is between add_to() and sources().
class SettingFlags {
 public:
  // Leaves out what `app` has already.
  void add_to(CLI::App& app);

  // What was given, as it stands.
  app::ConfigSources sources() const;

 private:
  struct Given {
    const app::SettingRule* rule;
    const CLI::Option* option;
    std::vector<std::string> texts;  // that CLI11 fills; unused where the option is another's
  };

  void add_setting(CLI::App& app, const app::SettingRule& rule);

  const CLI::Option* verbose_ = nullptr;
  std::list<Given> given_;  // whose addresses stay
  std::string config_;
};

// Must stay where it is between add_to() and options().
class ServeFlags {
 public:
  void add_to(CLI::App& app);

  // With what variables and the configuration file say. Fails as app::configure().
  base::Result<app::ServeOptions> options() const;

 private:
  SettingFlags settings_;
  ModelFlags model_;
};

}  // namespace shimmy::cli
