#include "app/config_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>

#include "base/escape.h"

namespace shimmy::app {
namespace {

namespace json = boost::json;
using Source = EffectiveSetting::Source;

std::string_view source_name(Source source) {
  switch (source) {
    case Source::Default: return "default";
    case Source::File: return "file";
    case Source::Variable: return "environment";
    case Source::Flag: return "flag";
  }
  return {};
}

json::value json_value(const EffectiveSetting& setting) {
  if (!setting.value) return nullptr;
  if (setting.rule->is_secret) return json::string(value_text(*setting.rule, *setting.value));
  struct Writer {
    json::value operator()(bool flag) const { return flag; }
    json::value operator()(std::int64_t number) const { return number; }
    json::value operator()(double number) const { return number; }
    json::value operator()(const std::string& text) const { return json::string(text); }
    json::value operator()(const std::vector<std::string>& texts) const {
      json::array items;
      for (const std::string& text : texts) items.emplace_back(text);
      return items;
    }
  };
  return std::visit(Writer{}, *setting.value);
}

std::string line_of(const EffectiveSetting& setting) {
  return setting.value
             ? fmt::format("{} = {}", setting.key, value_text(*setting.rule, *setting.value))
             : fmt::format("{} = {}", setting.key, setting.rule->usual);
}

}  // namespace

std::string config_text(const ServeOptions& options) {
  constexpr std::size_t kWidest = 56;
  std::size_t width = 0;
  for (const EffectiveSetting& setting : options.settings) {
    width = std::max(width, line_of(setting).size());
  }
  width = std::min(width, kWidest);
  std::string text = options.config_file.empty()
                         ? "# No configuration file.\n"
                         : fmt::format("# {}\n", base::escape_control(options.config_file));
  for (const EffectiveSetting& setting : options.settings) {
    const std::string place = setting.place.empty() ? "default" : setting.place;
    text += fmt::format("{:<{}}  # {}\n", base::escape_control(line_of(setting)), width,
                        base::escape_control(place));
  }
  return text;
}

std::string config_json(const ServeOptions& options) {
  json::array settings;
  for (const EffectiveSetting& setting : options.settings) {
    settings.push_back({{"key", setting.key},
                        {"value", json_value(setting)},
                        {"default", json::string(setting.rule->usual)},
                        {"source", json::string(source_name(setting.source))},
                        {"place", setting.place}});
  }
  const json::object object{{"file", options.config_file}, {"settings", std::move(settings)}};
  return json::serialize(object) + '\n';
}

}  // namespace shimmy::app
