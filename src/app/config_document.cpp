#include "app/config_document.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "app/config_text.h"
#include "base/escape.h"
#include "base/near_names.h"

namespace shimmy::app {
namespace {

namespace fs = std::filesystem;

ConfigPlace place_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

std::string_view kind_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date or time";
    case toml::node_type::none: break;
  }
  return "nothing";
}

std::string key_text(const ConfigSection& section, std::string_view name, std::string_view key) {
  return name.empty() ? fmt::format("{}.{}", section.name, key)
                      : fmt::format("{}.{}.{}", section.name, base::json_quoted(name), key);
}

bool is_path(SettingKind kind) {
  return kind == SettingKind::Path || kind == SettingKind::Paths || kind == SettingKind::Template;
}

class Reader {
 public:
  Reader(const std::string& path, const models::Environment& environment)
      : directory_(fs::path(path).parent_path()), environment_(environment) {
    document_.path = path;
  }

  ConfigDocument read(const toml::table& root) {
    for (const auto& [key, node] : root) read_top(key, node);
    check_aliases();
    std::ranges::stable_sort(document_.problems, [](const auto& one, const auto& other) {
      return std::pair(one.place.line, one.place.column) <
             std::pair(other.place.line, other.place.column);
    });
    return std::move(document_);
  }

 private:
  void fail(const toml::source_region& where, std::string message) {
    document_.problems.push_back({place_of(where), std::move(message)});
  }

  void read_top(const toml::key& key, const toml::node& node) {
    const ConfigSection* section = find_section(key.str());
    if (section == nullptr) return fail(key.source(), unknown_top(key.str()));
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      return fail(key.source(),
                  fmt::format("{0} is a section, not a setting: write [{0}].", section->name));
    }
    if (!section->is_named) return read_section(*section, "", *table);
    for (const auto& [name, member] : *table) {
      if (const toml::table* named = member.as_table()) {
        read_section(*section, std::string(name.str()), *named);
      } else {
        fail(name.source(), fmt::format("A {0} has a name: write [{0}.\"NAME\"] above its "
                                        "settings.",
                                        section->name));
      }
    }
  }

  void read_section(const ConfigSection& section, const std::string& name,
                    const toml::table& table) {
    for (const auto& [key, node] : table) {
      const ConfigSection* inner = find_section(fmt::format("{}.{}", section.name, key.str()));
      if (inner != nullptr && node.is_table()) {
        read_section(*inner, name, *node.as_table());
      } else if (const SettingRule* rule = section.find(key.str())) {
        read_entry(section, name, *rule, node);
      } else {
        fail(key.source(), unknown_key(section, name, key.str(), node.is_table()));
      }
    }
  }

  void read_entry(const ConfigSection& section, const std::string& name, const SettingRule& rule,
                  const toml::node& node) {
    const std::string key = key_text(section, name, rule.key);
    auto value = value_of(rule, key, node);
    if (!value) return;
    if (auto checked = check_value(rule, key, *value); !checked) {
      return fail(node.source(), std::move(checked.error().message));
    }
    document_.entries.push_back(
        {&section, name, &rule, std::move(*value), place_of(node.source())});
  }

  // Empty, and the problem noted, where the file has something of another kind.
  std::optional<SettingValue> value_of(const SettingRule& rule, const std::string& key,
                                       const toml::node& node) {
    const bool is_list = rule.kind == SettingKind::Texts || rule.kind == SettingKind::Paths;
    if (is_list) return list_of(rule, key, node);
    if (const auto* text = node.as_string()) {
      const bool wants_text = rule.kind != SettingKind::Boolean &&
                              rule.kind != SettingKind::Integer &&
                              rule.kind != SettingKind::Decimal;
      if (wants_text) return text_of(rule, *text);
    } else if (const auto* number = node.as_integer()) {
      const std::int64_t count = number->get();
      if (rule.kind == SettingKind::Integer) return count;
      if (rule.kind == SettingKind::Decimal) return static_cast<double>(count);
      if (rule.kind == SettingKind::Duration || rule.kind == SettingKind::KeepAlive ||
          rule.kind == SettingKind::Memory) {
        return std::to_string(count);
      }
    } else if (const auto* decimal = node.as_floating_point()) {
      if (rule.kind == SettingKind::Decimal) return decimal->get();
    } else if (const auto* flag = node.as_boolean()) {
      if (rule.kind == SettingKind::Boolean) return flag->get();
    }
    fail(node.source(),
         fmt::format("{} must be {}, not {}.", key, expectation(rule), kind_name(node)));
    return std::nullopt;
  }

  std::optional<SettingValue> list_of(const SettingRule& rule, const std::string& key,
                                      const toml::node& node) {
    if (const auto* one = node.as_string()) {
      auto text = text_of(rule, *one);
      if (!text) return std::nullopt;
      return std::vector<std::string>{std::move(*text)};
    }
    const toml::array* items = node.as_array();
    if (items == nullptr) {
      fail(node.source(),
           fmt::format("{} must be {}, not {}.", key, expectation(rule), kind_name(node)));
      return std::nullopt;
    }
    std::vector<std::string> texts;
    bool is_whole = true;
    for (const toml::node& item : *items) {
      const auto* string = item.as_string();
      if (string == nullptr) {
        fail(item.source(),
             fmt::format("{} is a list of texts, but here is {}.", key, kind_name(item)));
      }
      auto text = string != nullptr ? text_of(rule, *string) : std::nullopt;
      if (text) texts.push_back(std::move(*text));
      else is_whole = false;
    }
    if (!is_whole) return std::nullopt;
    return texts;
  }

  std::optional<std::string> text_of(const SettingRule& rule,
                                     const toml::value<std::string>& node) {
    auto text = interpolated(node.get(), environment_);
    if (text) return is_path(rule.kind) ? path_of(rule.kind, std::move(*text)) : std::move(*text);
    fail(node.source(), std::move(text.error().message));
    return std::nullopt;
  }

  std::string path_of(SettingKind kind, std::string text) {
    std::string path = text;
    if (path.starts_with("~/")) path = environment_("HOME").value_or("~") + path.substr(1);
    if (fs::path(path).is_relative()) path = (directory_ / path).lexically_normal().string();
    std::error_code error;
    if (kind == SettingKind::Template && !fs::is_regular_file(path, error)) return text;
    return text.empty() ? text : path;
  }

  static std::string unknown_top(std::string_view key) {
    std::vector<std::string> names;
    for (const ConfigSection& section : config_sections()) names.emplace_back(section.name);
    const auto near = base::near_names(key, names, 1);
    if (!near.empty()) {
      return fmt::format("There is no section {}. Did you mean {}?", base::json_quoted(key),
                         near.front());
    }
    return fmt::format("There is no section {}.{}", base::json_quoted(key), home_of(key));
  }

  // Where else a setting of that name stands.
  static std::string home_of(std::string_view key) {
    for (const ConfigSection& section : config_sections()) {
      if (section.find(key) != nullptr && !section.is_named) {
        return fmt::format(" {} stands in [{}].", key, section.name);
      }
    }
    return {};
  }

  static std::string unknown_key(const ConfigSection& section, const std::string& name,
                                 std::string_view key, bool is_table) {
    std::string text =
        fmt::format("There is no setting {}.", key_text(section, name, base::escape_control(key)));
    if (is_table && section.is_named) {
      return text + fmt::format(" A name with dots needs quotes: [{}.\"{}.{}\"].", section.name,
                                base::escape_control(name), base::escape_control(key));
    }
    std::vector<std::string> names;
    for (const SettingRule* rule : section.rules) names.emplace_back(rule->key);
    const auto near = base::near_names(key, names, 1);
    if (!near.empty()) return text + fmt::format(" Did you mean {}?", near.front());
    return text + home_of(key);
  }

  // One name cannot stand for two models.
  void check_aliases() {
    std::map<std::string, std::string> owners;
    for (const ConfigEntry& entry : document_.entries) {
      if (entry.rule->key != "aliases") continue;
      for (const std::string& alias : std::get<std::vector<std::string>>(entry.value)) {
        const auto [owner, is_new] = owners.emplace(alias, entry.name);
        if (is_new || owner->second == entry.name) continue;
        document_.problems.push_back(
            {entry.place,
             fmt::format("{} is an alias of {} already: one name cannot stand for two models.",
                         base::json_quoted(alias), base::json_quoted(owner->second))});
      }
    }
  }

  const fs::path directory_;
  const models::Environment& environment_;
  ConfigDocument document_;
};

}  // namespace

ConfigDocument parse_config(std::string_view text, const std::string& path,
                            const models::Environment& environment) {
  try {
    return Reader(path, environment).read(toml::parse(text, path));
  } catch (const toml::parse_error& error) {
    return {path, {}, {{place_of(error.source()), fmt::format("{}.", error.description())}}};
  }
}

std::string to_string(const ConfigDocument& document, const ConfigProblem& problem) {
  return fmt::format("{}:{}:{}: {}", document.path, problem.place.line, problem.place.column,
                     problem.message);
}

std::string full_key(const ConfigEntry& entry) {
  return key_text(*entry.section, entry.name, entry.rule->key);
}

}  // namespace shimmy::app
