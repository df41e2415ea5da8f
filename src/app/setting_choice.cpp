#include "app/setting_choice.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

namespace shimmy::app {
namespace {

using Source = EffectiveSetting::Source;

// `name` is both what messages call the source and its place.
base::Result<EffectiveSetting> from_texts(EffectiveSetting setting, Source source, std::string name,
                                          std::span<const std::string> texts) {
  auto value = value_of_texts(*setting.rule, name, texts);
  if (!value) return std::unexpected(std::move(value).error());
  setting.value = std::move(*value);
  setting.source = source;
  setting.place = std::move(name);
  return setting;
}

}  // namespace

EffectiveSetting effective(const ConfigEntry& entry, const ConfigDocument& document) {
  return {.rule = entry.rule,
          .key = full_key(entry),
          .value = entry.value,
          .source = Source::File,
          .place = fmt::format("{}:{}", document.path, entry.place.line)};
}

base::Result<EffectiveSetting> choose_setting(const SettingRule& rule, const ConfigSection& section,
                                              const SettingSources& sources) {
  EffectiveSetting setting{
      .rule = &rule, .key = fmt::format("{}.{}", section.name, rule.key), .value = {}, .place = {}};
  const auto flag = sources.given.flags.find(std::string(rule.flag));
  if (flag != sources.given.flags.end() && !flag->second.empty()) {
    return from_texts(std::move(setting), Source::Flag, fmt::format("--{}", rule.flag),
                      flag->second);
  }
  for (const std::string_view variable : {rule.variable, rule.older_variable}) {
    if (variable.empty()) continue;
    const std::array text{sources.environment(variable).value_or("")};
    if (text[0].empty()) continue;
    return from_texts(std::move(setting), Source::Variable, fmt::format("${}", variable), text);
  }
  const auto& entries = sources.document.entries;
  const auto entry = std::ranges::find_if(entries, [&](const ConfigEntry& other) {
    return other.section == &section && other.rule == &rule;
  });
  return entry == entries.end() ? setting : effective(*entry, sources.document);
}

}  // namespace shimmy::app
