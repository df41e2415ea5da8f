#include "app/configure.h"

#include <fmt/core.h>
#include <limits.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <utility>

#include "app/config_file.h"
#include "app/model_settings.h"
#include "app/server_settings.h"
#include "app/setting_choice.h"
#include "app/text_file.h"
#include "base/machine.h"
#include "base/quantity.h"

namespace shimmy::app {
namespace {

using base::Result;
using Source = EffectiveSetting::Source;
using Texts = std::vector<std::string>;

// A key a line; blank lines and those that begin with # are passed over.
Result<Texts> keys_of(const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) return std::unexpected(text.error());
  constexpr const char* kBlanks = " \t\r";
  Texts keys;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string::npos || line[begin] == '#') continue;
    keys.push_back(line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin));
  }
  if (!keys.empty()) return keys;
  return base::fail_field("api-key-file", "The file {} has no API key: write one on each line.",
                          path);
}

// The file's text where there is such a file; anything else is a name or the template itself.
Result<void> read_template(models::ModelDefaults& defaults) {
  std::string& given = defaults.chat_template;
  std::error_code error;
  if (given.empty() || given.size() >= PATH_MAX ||
      !std::filesystem::is_regular_file(given, error)) {
    return {};
  }
  auto text = read_text_file(given);
  if (!text) return std::unexpected(std::move(text).error());
  given = std::move(*text);
  return {};
}

Result<void> read_templates(ModelRules& rules) {
  std::vector<models::ModelDefaults*> all{&rules.usual, &rules.forced};
  for (ModelRule& rule : rules.models) all.push_back(&rule.defaults);
  for (models::ModelDefaults* defaults : all) {
    if (auto read = read_template(*defaults); !read) return read;
  }
  return {};
}

// True where an address names a port, and not only a host.
bool names_port(const EffectiveSetting& bind, const BindAddress& address) {
  return bind.value &&
         std::get<std::string>(*bind.value).ends_with(fmt::format(":{}", address.port));
}

template <class Target>
bool store_entry(std::span<const Setting<Target>> settings, const ConfigEntry& entry,
                 Target& target) {
  const auto setting = std::ranges::find_if(
      settings, [&](const Setting<Target>& other) { return &other.rule == entry.rule; });
  if (setting == settings.end()) return false;
  setting->store(target, entry.value);
  return true;
}

template <class Named>
Named& named(std::vector<Named>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &Named::name);
  if (found != all.end()) return *found;
  return all.emplace_back(Named{.name = name});
}

class Configurer {
 public:
  explicit Configurer(const SettingSources& sources) : sources_(sources) {}

  Result<ServeOptions> configure() {
    options_.sources = sources_.given;
    options_.config_file = sources_.document.path;
    for (const ConfigSection& section : config_sections()) {
      if (auto read = section.is_named ? read_named(section) : read_section(section); !read) {
        return std::unexpected(std::move(read).error());
      }
    }
    if (auto finished = finish(); !finished) return std::unexpected(std::move(finished).error());
    return std::move(options_);
  }

 private:
  Result<void> read_section(const ConfigSection& section) {
    for (const SettingRule* rule : section.rules) {
      auto setting = choose_setting(*rule, section, sources_);
      if (!setting) return std::unexpected(std::move(setting).error());
      if (section.name == "models" && rule->key == "dirs") add_dirs(section, *setting);
      else if (setting->value) store(*setting);
      options_.settings.push_back(std::move(*setting));
    }
    return {};
  }

  void store(const EffectiveSetting& setting) {
    const auto is_its = [&](const auto& other) { return &other.rule == setting.rule; };
    if (const auto server = std::ranges::find_if(server_settings(), is_its);
        server != server_settings().end()) {
      if (is_outweighed(setting)) return;
      server->store(options_, *setting.value);
    } else if (const auto model = std::ranges::find_if(model_settings(), is_its);
               model != model_settings().end()) {
      const bool is_usual = setting.source == Source::File;
      model->store(is_usual ? options_.rules.usual : options_.rules.forced, *setting.value);
    }
  }

  // The file's port says nothing about an address with a port that a flag gives.
  bool is_outweighed(const EffectiveSetting& setting) const {
    if (setting.key != "server.port") return false;
    const auto bind = std::ranges::find(options_.settings, "server.bind", &EffectiveSetting::key);
    return bind != options_.settings.end() && bind->source > setting.source &&
           names_port(*bind, options_.bind);
  }

  // Directories add up, those of flags first; models::model_dirs() adds those of the variable.
  void add_dirs(const ConfigSection& section, EffectiveSetting& setting) {
    if (!setting.value) return;
    if (setting.source == Source::File) {
      options_.config_dirs = std::get<Texts>(*setting.value);
      return;
    }
    options_.model_dirs = std::get<Texts>(*setting.value);
    for (const ConfigEntry& entry : sources_.document.entries) {
      if (entry.section != &section || entry.rule != setting.rule) continue;
      options_.config_dirs = std::get<Texts>(entry.value);
      auto& all = std::get<Texts>(*setting.value);
      all.insert(all.end(), options_.config_dirs.begin(), options_.config_dirs.end());
    }
  }

  Result<void> read_named(const ConfigSection& section) {
    for (const ConfigEntry& entry : sources_.document.entries) {
      if (entry.section != &section) continue;
      if (section.name == "group") {
        store_entry(group_settings(), entry, named(options_.rules.groups, entry.name));
      } else {
        ModelRule& rule = named(options_.rules.models, entry.name);
        if (!store_entry(model_settings(), entry, rule.defaults)) {
          store_entry(rule_settings(), entry, rule);
        }
      }
      options_.settings.push_back(effective(entry, sources_.document));
    }
    return {};
  }

  Result<void> finish() {
    if (auto read = read_templates(options_.rules); !read) return read;
    if (!options_.access.api_key_file.empty()) {
      auto keys = keys_of(options_.access.api_key_file);
      if (!keys) return std::unexpected(std::move(keys).error());
      options_.access.api_keys.insert(options_.access.api_keys.end(), keys->begin(), keys->end());
    }
    auto budget = base::parse_memory(options_.memory, base::machine_memory().total_bytes);
    if (!budget) return std::unexpected(std::move(budget).error());
    options_.memory_budget_bytes = *budget;
    models::ModelDefaults everywhere = options_.rules.usual;
    overlay(everywhere, options_.rules.forced);
    options_.keep_alive = everywhere.load.keep_alive.value_or(models::KeepAlive{});
    options_.engine.context_tokens = everywhere.load.context_tokens.value_or(0);
    options_.engine.parallel = everywhere.load.parallel.value_or(0);
    return {};
  }

  const SettingSources& sources_;
  ServeOptions options_;
};

}  // namespace

Result<ServeOptions> configure(const ConfigSources& sources,
                               const models::Environment& environment) {
  ConfigDocument document;
  if (const std::string file = find_config_file(sources.file, environment); !file.empty()) {
    auto read = read_config(file, environment);
    if (!read) return std::unexpected(std::move(read).error());
    if (auto error = error_of(*read)) return std::unexpected(std::move(*error));
    document = std::move(*read);
  }
  return Configurer({sources, environment, document}).configure();
}

}  // namespace shimmy::app
