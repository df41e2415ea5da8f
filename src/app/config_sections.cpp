#include "app/config_sections.h"

#include <algorithm>

#include "app/model_settings.h"
#include "app/server_settings.h"

namespace shimmy::app {
namespace {

template <class Settings>
void append(std::vector<const SettingRule*>& rules, const Settings& settings) {
  for (const auto& setting : settings) rules.push_back(&setting.rule);
}

std::vector<ConfigSection> made_sections() {
  std::vector<ConfigSection> sections{
      {"server", "Where and how the server listens.", false, {}},
      {"limits", "How much each client may ask for.", false, {}},
      {"access", "Who may use the server.", false, {}},
      {"models", "Which models there are, and which are loaded at the start.", false, {}},
      {"models.stores", "Models of other programs, which are read where they lie.", false, {}},
      {"engine", "How models compute.", false, {}},
      {"log", "What is logged.", false, {}},
      {"defaults",
       "For every model, where neither the model nor the request says more.",
       false,
       {}},
      {"model", "The same for one model, by its name or one of its aliases.", true, {}},
      {"group", "Models of which only some are in memory at once.", true, {}}};
  for (ConfigSection& section : sections) {
    for (const auto& setting : server_settings()) {
      if (setting.rule.section == section.name) section.rules.push_back(&setting.rule);
    }
    if (section.name == "defaults" || section.name == "model") {
      append(section.rules, model_settings());
    }
    if (section.name == "model") append(section.rules, rule_settings());
    if (section.name == "group") append(section.rules, group_settings());
  }
  return sections;
}

}  // namespace

const SettingRule* ConfigSection::find(std::string_view key) const {
  const auto found =
      std::ranges::find_if(rules, [&](const SettingRule* rule) { return rule->key == key; });
  return found == rules.end() ? nullptr : *found;
}

const std::vector<ConfigSection>& config_sections() {
  static const std::vector<ConfigSection> sections = made_sections();
  return sections;
}

const ConfigSection* find_section(std::string_view name) {
  const auto& sections = config_sections();
  const auto found = std::ranges::find(sections, name, &ConfigSection::name);
  return found == sections.end() ? nullptr : &*found;
}

}  // namespace shimmy::app
