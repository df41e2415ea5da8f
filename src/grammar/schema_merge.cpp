#include "grammar/schema_merge.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "grammar/schema_keywords.h"

namespace shimmy::grammar {
namespace {

namespace json = boost::json;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

json::value both(json::value first, json::value second) {
  return json::object{{"allOf", json::array{std::move(first), std::move(second)}}};
}

json::array as_list(const json::value& types) {
  return types.is_array() ? types.get_array() : json::array{types};
}

bool has(const json::array& list, const json::value& wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

// Integers are numbers too.
json::value common_types(const json::value& first, const json::value& second) {
  const json::array one = as_list(first);
  const json::array other = as_list(second);
  json::array result;
  for (const auto& [mine, theirs] : {std::pair{&one, &other}, std::pair{&other, &one}}) {
    for (const json::value& type : *mine) {
      const bool is_common = has(*theirs, type) || (type == "integer" && has(*theirs, "number"));
      if (is_common && !has(result, type)) result.push_back(type);
    }
  }
  return result;
}

json::value common_values(const json::value& first, const json::value& second) {
  json::array result;
  for (const json::value& value : first.get_array()) {
    if (has(second.get_array(), value)) result.push_back(value);
  }
  return result;
}

void merge_properties(json::object& properties, const json::object& others) {
  for (const auto& [name, schema] : others) {
    json::value& mine = properties[name];
    if (mine.is_null()) {
      mine = schema;
    } else if (mine != schema) {
      mine = both(std::move(mine), schema);
    }
  }
}

bool names_differ(const json::object& schema, const json::object& other) {
  const auto names = [](const json::object& object) -> const json::object* {
    const json::value* properties = object.if_contains("properties");
    return properties == nullptr ? nullptr : properties->if_object();
  };
  const json::object* mine = names(schema);
  const json::object* theirs = names(other);
  if (theirs == nullptr) return false;
  return std::ranges::any_of(*theirs, [&](const auto& member) {
    return mine == nullptr || !mine->contains(member.key());
  });
}

// False when the two values cannot be put together.
bool merge_values(std::string_view keyword, json::value& mine, const json::value& theirs) {
  if (mine == theirs) return true;
  if (keyword == "type") {
    mine = common_types(mine, theirs);
  } else if (keyword == "enum" && mine.is_array() && theirs.is_array()) {
    mine = common_values(mine, theirs);
  } else if (keyword == "required" && mine.is_array() && theirs.is_array()) {
    for (const json::value& name : theirs.get_array()) {
      if (!has(mine.get_array(), name)) mine.get_array().push_back(name);
    }
  } else if (keyword == "properties" && mine.is_object() && theirs.is_object()) {
    merge_properties(mine.get_object(), theirs.get_object());
  } else if (is_one_of(keyword, {"items", "additionalProperties", "propertyNames"})) {
    mine = both(std::move(mine), theirs);
  } else if (keyword.starts_with("min") || keyword == "exclusiveMinimum") {
    if (!mine.is_number() || !theirs.is_number()) return false;
    if (mine.to_number<double>() < theirs.to_number<double>()) mine = theirs;
  } else if (keyword.starts_with("max") || keyword == "exclusiveMaximum") {
    if (!mine.is_number() || !theirs.is_number()) return false;
    if (mine.to_number<double>() > theirs.to_number<double>()) mine = theirs;
  } else if (keyword == "allOf" && mine.is_array() && theirs.is_array()) {
    for (const json::value& one : theirs.get_array()) mine.get_array().push_back(one);
  } else {
    return kind_of(keyword) == Keyword::Annotation;
  }
  return true;
}

}  // namespace

std::string merge_schema(json::object& schema, const json::object& other) {
  std::string conflict;
  // Each half forbids the properties that only the other one names.
  const bool closes_mine = schema.contains("additionalProperties") && names_differ(schema, other);
  const bool closes_theirs = other.contains("additionalProperties") && names_differ(other, schema);
  if (closes_mine || closes_theirs) conflict = "additionalProperties";
  for (const auto& [keyword, theirs] : other) {
    const auto [place, is_new] = schema.emplace(keyword, theirs);
    if (is_new || merge_values(keyword, place->value(), theirs)) continue;
    conflict = keyword;
  }
  return conflict;
}

}  // namespace shimmy::grammar
