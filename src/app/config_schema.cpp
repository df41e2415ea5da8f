#include "app/config_schema.h"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <cmath>
#include <string_view>

#include "app/config_sections.h"

namespace shimmy::app {
namespace {

namespace json = boost::json;

// 0 and not 0.0, where it may be either.
json::value number(double value) {
  if (value == std::floor(value)) return static_cast<std::int64_t>(value);
  return value;
}

json::object one_of_types(std::initializer_list<json::value_ref> types) {
  return {{"type", json::array(types)}};
}

json::object schema_of_kind(const SettingRule& rule) {
  switch (rule.kind) {
    case SettingKind::Boolean: return {{"type", "boolean"}};
    case SettingKind::Integer:
    case SettingKind::Decimal:
      return {{"type", rule.kind == SettingKind::Integer ? "integer" : "number"},
              {"minimum", number(rule.low)},
              {"maximum", number(rule.high)}};
    case SettingKind::Text:
    case SettingKind::Path:
    case SettingKind::Template: return {{"type", "string"}};
    case SettingKind::Texts:
    case SettingKind::Paths: {
      json::object schema = one_of_types({"string", "array"});
      schema["items"] = json::object{{"type", "string"}};
      return schema;
    }
    case SettingKind::Choice: {
      json::array choices;
      for (const std::string_view choice : rule.choices) choices.emplace_back(choice);
      return {{"type", "string"}, {"enum", std::move(choices)}};
    }
    case SettingKind::Duration:
    case SettingKind::KeepAlive:
    case SettingKind::Memory: return one_of_types({"string", "integer"});
  }
  return {};
}

json::object schema_of(const SettingRule& rule) {
  json::object schema = schema_of_kind(rule);
  schema["description"] = fmt::format("{}. Default: {}.", rule.help, rule.usual);
  return schema;
}

json::object schema_of(const ConfigSection& section) {
  json::object properties;
  for (const SettingRule* rule : section.rules) properties[rule->key] = schema_of(*rule);
  return {{"type", "object"},
          {"description", section.about},
          {"additionalProperties", false},
          {"properties", std::move(properties)}};
}

}  // namespace

std::string config_schema() {
  json::object sections;
  for (const ConfigSection& section : config_sections()) {
    const std::size_t dot = section.name.find('.');
    if (dot != std::string_view::npos) {
      json::object& outer = sections[section.name.substr(0, dot)].as_object();
      outer["properties"].as_object()[section.name.substr(dot + 1)] = schema_of(section);
    } else if (section.is_named) {
      sections[section.name] = json::object{{"type", "object"},
                                            {"description", section.about},
                                            {"additionalProperties", schema_of(section)}};
    } else {
      sections[section.name] = schema_of(section);
    }
  }
  const json::object schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                            {"title", "shimmy's configuration file"},
                            {"type", "object"},
                            {"additionalProperties", false},
                            {"properties", std::move(sections)}};
  return json::serialize(schema) + '\n';
}

}  // namespace shimmy::app
