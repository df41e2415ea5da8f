#include "app/setting.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/escape.h"
#include "base/quantity.h"
#include "models/keep_alive.h"

namespace shimmy::app {
namespace {

using base::Result;

std::string number_text(const SettingRule& rule, double number) {
  return rule.kind == SettingKind::Integer ? fmt::format("{:.0f}", number)
                                           : fmt::format("{}", number);
}

bool is_in_range(const SettingRule& rule, double number) {
  return number >= rule.low && number <= rule.high;  // never of NaN
}

template <class Number>
std::optional<SettingValue> number_of(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<SettingValue> boolean_of(std::string_view text) {
  for (const std::string_view word : {"true", "yes", "on", "1"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"false", "no", "off", "0"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

std::vector<std::string> split(std::span<const std::string> texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) {
    std::string_view rest = text;
    while (true) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      // An empty text stays: whoever gave an empty key must hear of it.
      if (end > 0 || text.empty()) parts.emplace_back(rest.substr(0, end));
      if (end == rest.size()) break;
      rest.remove_prefix(end + 1);
    }
  }
  return parts;
}

// Empty where the text is of the wrong kind.
std::optional<SettingValue> value_of(const SettingRule& rule, const std::string& text) {
  switch (rule.kind) {
    case SettingKind::Boolean: return boolean_of(text);
    case SettingKind::Integer: return number_of<std::int64_t>(text);
    case SettingKind::Decimal: return number_of<double>(text);
    default: return text;
  }
}

bool is_of_kind(const SettingRule& rule, const SettingValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  switch (rule.kind) {
    case SettingKind::Boolean: return std::holds_alternative<bool>(value);
    case SettingKind::Integer: {
      const auto* number = std::get_if<std::int64_t>(&value);
      return number != nullptr && is_in_range(rule, static_cast<double>(*number));
    }
    case SettingKind::Decimal: {
      const auto* number = std::get_if<double>(&value);
      return number != nullptr && is_in_range(rule, *number);
    }
    case SettingKind::Text:
    case SettingKind::Path:
    case SettingKind::Template: return text != nullptr;
    case SettingKind::Texts:
    case SettingKind::Paths: return std::holds_alternative<std::vector<std::string>>(value);
    case SettingKind::Choice:
      return text != nullptr && std::ranges::find(rule.choices, *text) != rule.choices.end();
    case SettingKind::Duration: {
      if (text == nullptr) return false;
      const auto duration = base::parse_duration(*text);
      return duration && duration->count() >= 0;
    }
    case SettingKind::KeepAlive:
      return text != nullptr && models::parse_keep_alive(*text).has_value();
    case SettingKind::Memory: return text != nullptr && base::parse_memory(*text, 1).has_value();
  }
  return false;
}

std::string list_text(const SettingRule& rule, const std::vector<std::string>& texts) {
  if (rule.is_secret) return fmt::format("({} key{})", texts.size(), texts.size() == 1 ? "" : "s");
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(base::json_quoted(text));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string shown(const SettingRule& rule, const SettingValue& value) {
  if (rule.is_secret) return "what is given";
  return base::escape_control(value_text(rule, value));
}

}  // namespace

std::string full_key(const SettingRule& rule) {
  return fmt::format("{}.{}", rule.section, rule.key);
}

std::string expectation(const SettingRule& rule) {
  switch (rule.kind) {
    case SettingKind::Boolean: return "true or false";
    case SettingKind::Integer:
    case SettingKind::Decimal:
      return fmt::format("a {} from {} to {}",
                         rule.kind == SettingKind::Integer ? "whole number" : "number",
                         number_text(rule, rule.low), number_text(rule, rule.high));
    case SettingKind::Text: return "a text";
    case SettingKind::Texts: return "a list of texts";
    case SettingKind::Path: return "the path of a file";
    case SettingKind::Paths: return "a list of directories";
    case SettingKind::Template: return "a file, the name of a family or a template";
    case SettingKind::Choice: return fmt::format("one of {}", fmt::join(rule.choices, ", "));
    case SettingKind::Duration: return "a duration such as 30s or 5m";
    case SettingKind::KeepAlive: return "a duration such as 5m, 0 or forever";
    case SettingKind::Memory: return "a size such as 4GB, a share such as 80% or auto";
  }
  return {};
}

Result<void> check_value(const SettingRule& rule, std::string_view name,
                         const SettingValue& value) {
  if (!is_of_kind(rule, value)) {
    return base::fail_field(std::string(name), "{} must be {}, not {}.", name, expectation(rule),
                            shown(rule, value));
  }
  if (rule.check == nullptr) return {};
  auto checked = rule.check(value);
  if (!checked) checked.error().param = name;
  return checked;
}

Result<SettingValue> value_of_texts(const SettingRule& rule, std::string_view name,
                                    std::span<const std::string> texts) {
  std::optional<SettingValue> value;
  if (rule.kind == SettingKind::Texts) {
    value = split(texts);
  } else if (rule.kind == SettingKind::Paths) {
    value = std::vector<std::string>(texts.begin(), texts.end());
  } else if (!texts.empty()) {
    value = value_of(rule, texts.back());
  }
  if (!value) {
    return base::fail_field(std::string(name), "{} must be {}, not \"{}\".", name,
                            expectation(rule), texts.empty() ? "" : texts.back());
  }
  if (auto checked = check_value(rule, name, *value); !checked) {
    return std::unexpected(std::move(checked).error());
  }
  return std::move(*value);
}

std::string value_text(const SettingRule& rule, const SettingValue& value) {
  // TOML writes texts as JSON does.
  struct Writer {
    const SettingRule& rule;
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(double number) const { return fmt::format("{}", number); }
    std::string operator()(const std::string& text) const { return base::json_quoted(text); }
    std::string operator()(const std::vector<std::string>& texts) const {
      return list_text(rule, texts);
    }
  };
  return std::visit(Writer{rule}, value);
}

}  // namespace shimmy::app
