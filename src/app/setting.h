// One thing that users can set: its names, and what it may be.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace shimmy::app {

enum class SettingKind {
  Boolean,
  Integer,
  Decimal,
  Text,
  Texts,
  Path,      // of a file; relative ones in the configuration file are relative to it
  Paths,     // of directories
  Template,  // a Path if there is such a file, else a Text
  Choice,
  Duration,
  KeepAlive,
  Memory,
};

// Durations, sizes and choices stay texts, which have been checked.
using SettingValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

// Flags, variables, the file, its schema, its example and `shimmy config show` all follow these.
struct SettingRule {
  std::string_view section;  // "server"; "model" and "group" for those that have names
  std::string_view key;
  SettingKind kind = SettingKind::Text;
  std::string_view help;                 // begins small, without a full stop
  std::string_view usual;                // the default, in words
  std::string_view example;              // as TOML
  std::string_view flag = {};            // without its dashes; empty: none
  std::string_view variable = {};        // of the environment; empty: none
  std::string_view older_variable = {};  // read where `variable` is not set
  std::string_view placeholder = {};     // of the flag's value, in help texts; empty: a switch
  double low = 0;                        // of numbers
  double high = 0;
  std::span<const std::string_view> choices = {};
  bool is_secret = false;
  bool changes_live = false;  // else a change needs a restart
  // What the kind does not say; may be null.
  base::Result<void> (*check)(const SettingValue& value) = nullptr;
};

// A rule and where its values go.
template <class Target>
struct Setting {
  SettingRule rule;
  void (*store)(Target& target, const SettingValue& value);  // only values that were checked
};

std::string full_key(const SettingRule& rule);  // "server.bind"

// "a whole number from 0 to 65535": completes "… must be ".
std::string expectation(const SettingRule& rule);

// Lists in flags and variables have commas between; a flag may also be repeated. `name` is what the
// message calls it: "--port", "$SHIMMY_PORT". Fail with InvalidRequest.
base::Result<SettingValue> value_of_texts(const SettingRule& rule, std::string_view name,
                                          std::span<const std::string> texts);
base::Result<void> check_value(const SettingRule& rule, std::string_view name,
                               const SettingValue& value);

// As the file would have it: "127.0.0.1", 8080, ["a", "b"]. Of secrets only how many: (2 keys).
std::string value_text(const SettingRule& rule, const SettingValue& value);

}  // namespace shimmy::app
