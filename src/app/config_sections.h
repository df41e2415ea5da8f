// The sections of the configuration file.
#pragma once

#include <string_view>
#include <vector>

#include "app/setting.h"

namespace shimmy::app {

struct ConfigSection {
  std::string_view name;   // "server", "models.stores"
  std::string_view about;  // a sentence
  bool is_named = false;   // [name."NAME"], any number of them
  std::vector<const SettingRule*> rules;

  const SettingRule* find(std::string_view key) const;  // null: there is none
};

// In the order in which the file is written and shown.
const std::vector<ConfigSection>& config_sections();

const ConfigSection* find_section(std::string_view name);  // null: there is none

}  // namespace shimmy::app
