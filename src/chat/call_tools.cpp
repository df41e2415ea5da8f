#include "chat/call_tools.h"

#include <boost/json.hpp>

namespace shimmy::chat {
namespace {

namespace json = boost::json;

ParameterKind merged(ParameterKind a, ParameterKind b) {
  return a == b ? a : ParameterKind::Either;
}

ParameterKind kind_of_type(std::string_view type) {
  return type == "string" ? ParameterKind::Text : ParameterKind::Json;
}

ParameterKind kind_of(const json::object& schema) {
  if (const auto* type = schema.if_contains("type")) {
    if (type->is_string()) return kind_of_type(type->get_string());
    if (!type->is_array() || type->get_array().empty()) return ParameterKind::Either;
    const json::array& types = type->get_array();
    ParameterKind kind = kind_of_type(types[0].is_string() ? types[0].get_string() : "");
    for (const json::value& item : types)
      kind = merged(kind, kind_of_type(item.is_string() ? item.get_string() : ""));
    return kind;
  }
  if (const auto* values = schema.if_contains("enum");
      values && values->is_array() && !values->get_array().empty()) {
    bool all_texts = true;
    for (const json::value& item : values->get_array()) all_texts &= item.is_string();
    if (all_texts) return ParameterKind::Text;
  }
  return ParameterKind::Either;
}

}  // namespace

CallTools::CallTools(std::span<const Tool> tools) {
  for (const Tool& tool : tools) {
    Kinds& kinds = tools_[tool.name];
    boost::system::error_code error;
    const json::value schema = json::parse(tool.parameters, error);
    if (error || !schema.is_object()) continue;
    const auto* properties = schema.get_object().if_contains("properties");
    if (!properties || !properties->is_object()) continue;
    for (const auto& [name, property] : properties->get_object()) {
      kinds[std::string(name)] =
          property.is_object() ? kind_of(property.get_object()) : ParameterKind::Either;
    }
  }
}

ParameterKind CallTools::kind(std::string_view tool, std::string_view parameter) const {
  const auto found = tools_.find(tool);
  if (found == tools_.end()) return ParameterKind::Either;
  const auto known = found->second.find(parameter);
  return known == found->second.end() ? ParameterKind::Either : known->second;
}

}  // namespace shimmy::chat
