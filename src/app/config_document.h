// A configuration file, read and checked key by key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/config_sections.h"
#include "app/setting.h"
#include "models/model_dirs.h"

namespace shimmy::app {

// From 1 on; 0: the file as a whole.
struct ConfigPlace {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct ConfigEntry {
  const ConfigSection* section = nullptr;
  std::string name;  // of a section that has one: [model."NAME"]
  const SettingRule* rule = nullptr;
  SettingValue value;
  ConfigPlace place;  // of the value
};

struct ConfigProblem {
  ConfigPlace place;
  std::string message;
};

struct ConfigDocument {
  std::string path;
  std::vector<ConfigEntry> entries;
  std::vector<ConfigProblem> problems;  // all there are, in the order of the file
};

// `path` is for messages, and what relative paths in it are relative to.
ConfigDocument parse_config(std::string_view text, const std::string& path,
                            const models::Environment& environment);

// "config.toml:3:8: …"
std::string to_string(const ConfigDocument& document, const ConfigProblem& problem);

// "server.bind", "model.\"smol\".system"
std::string full_key(const ConfigEntry& entry);

}  // namespace shimmy::app
