#include "grammar/schema_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "grammar/json_rules.h"
#include "grammar/schema_keywords.h"
#include "grammar/schema_merge.h"

namespace shimmy::grammar {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxGrammarBytes = 1 << 17;  // compiling it takes seconds at worst
constexpr int kMaxDepth = 64;
constexpr std::size_t kShownBytes = 60;  // of a value in a message

std::string shown(const json::value& value) {
  std::string text = json::serialize(value);
  if (text.size() <= kShownBytes) return text;
  text.resize(kShownBytes);
  // Not in the middle of a character.
  while ((static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
  text.pop_back();
  return text + "…";
}

json::object without(const json::object& schema, std::string_view keyword) {
  json::object rest;
  for (const auto& [name, value] : schema) {
    if (name != keyword) rest.emplace(name, value);
  }
  return rest;
}

bool is_of_type(const json::value& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "number") return value.is_number();
  const double* number = value.if_double();
  return type == "integer" && value.is_number() &&
         (number == nullptr || *number == static_cast<double>(static_cast<std::int64_t>(*number)));
}

// Where two schemas name different types, or different constants for one required property, no
// value can be valid for both.
bool are_apart(const json::object& one, const json::object& other) {
  const auto text = [](const json::object& schema, std::string_view keyword) {
    const json::value* value = schema.if_contains(keyword);
    return value == nullptr ? nullptr : value->if_string();
  };
  const json::string* mine = text(one, "type");
  const json::string* theirs = text(other, "type");
  if (mine == nullptr || theirs == nullptr) return false;
  const auto is_number = [](std::string_view type) {
    return type == "integer" || type == "number";
  };
  if (*mine != *theirs) return !is_number(*mine) || !is_number(*theirs);
  const auto constant = [](const json::object& schema,
                           std::string_view name) -> const json::value* {
    const json::value* required = schema.if_contains("required");
    const json::value* properties = schema.if_contains("properties");
    if (required == nullptr || !required->is_array() || properties == nullptr) return nullptr;
    if (std::ranges::find(required->get_array(), json::value(name)) ==
        required->get_array().end()) {
      return nullptr;
    }
    if (!properties->is_object()) return nullptr;
    const json::value* property = properties->get_object().if_contains(name);
    if (property == nullptr || !property->is_object()) return nullptr;
    return property->get_object().if_contains("const");
  };
  const json::value* properties = one.if_contains("properties");
  if (properties == nullptr || !properties->is_object()) return false;
  return std::ranges::any_of(properties->get_object(), [&](const auto& property) {
    const json::value* first = constant(one, property.key());
    const json::value* second = constant(other, property.key());
    return first != nullptr && second != nullptr && *first != *second;
  });
}

}  // namespace

base::Result<std::string> SchemaWriter::write() {
  beginning_ = "root";
  const std::string body = value(root_);
  is_within_limits();
  if (!is_broken()) check_left_recursion();
  if (is_broken()) return std::unexpected(*error_);
  return rules_.with_root(body);
}

std::string SchemaWriter::refuse(std::string message) {
  if (!error_) {
    std::string place = "#";
    for (const std::string& step : path_) place += "/" + step;
    error_ = base::Error{base::ErrorCode::InvalidRequest,
                         fmt::format("The schema cannot be used: {} (at {}).", message, place),
                         {},
                         "schema"};
  }
  return "\"\"";
}

std::string SchemaWriter::refuse_keyword(std::string_view keyword, std::string_view why) {
  return refuse(fmt::format("the keyword \"{}\" {}", keyword, why));
}

bool SchemaWriter::is_within_limits() {
  if (depth_ > kMaxDepth) refuse(fmt::format("it is nested deeper than {} levels", kMaxDepth));
  if (rules_.bytes() > kMaxGrammarBytes) refuse("it is too large");
  return !is_broken();
}

std::string SchemaWriter::value(const Value& schema) {
  if (!is_within_limits()) return "\"\"";
  if (const bool* all = schema.if_bool()) {
    return *all ? any_value(rules_) : refuse("a schema that is false allows no value");
  }
  const Object* object = schema.if_object();
  if (object == nullptr) {
    return refuse(fmt::format("a schema is an object or a boolean, but here is {}", shown(schema)));
  }
  ++depth_;
  std::string text = object_schema(*object);
  --depth_;
  return text;
}

std::string SchemaWriter::object_schema(const Object& schema) {
  if (strict_) check_keywords(schema);
  if (schema.contains("$ref") && says_only(schema, {"$ref"})) return reference(schema);
  if (schema.contains("$ref") || schema.contains("allOf")) return merged(schema);
  if (schema.contains("anyOf")) return alternatives(schema, "anyOf");
  if (schema.contains("oneOf")) return alternatives(schema, "oneOf");
  if (schema.contains("const") || schema.contains("enum")) return listed_values(schema);
  return typed(schema);
}

void SchemaWriter::check_keywords(const Object& schema) {
  for (const auto& member : schema) {
    if (kind_of(member.key()) == Keyword::Unenforced) {
      refuse_keyword(member.key(), "cannot be enforced: leave it out, or ask without strict");
    }
  }
}

const json::value* SchemaWriter::target(const json::string& reference) {
  const std::string_view text = reference;
  if (!text.starts_with('#')) return nullptr;
  boost::system::error_code code;
  const json::value* found = root_.find_pointer(text.substr(1), code);
  return code ? nullptr : found;
}

std::string SchemaWriter::reference(const Object& schema) {
  const json::string* name = text_of(schema, "$ref");
  if (name == nullptr) return "\"\"";
  const Value* found = target(*name);
  if (found == nullptr) {
    return refuse(fmt::format(
        "the $ref {} leads nowhere: only places in the schema itself, like \"#/$defs/name\", can "
        "be referred to",
        shown(*name)));
  }
  const auto [place, is_new] = references_.try_emplace(std::string(*name), "");
  if (is_new) place->second = rules_.reserve();
  const std::string rule = place->second;
  if (!beginning_.empty()) begins_with_[beginning_].insert(rule);
  if (!is_new) return rule;
  const std::string before = std::exchange(beginning_, rule);
  const std::vector<std::string> path = std::exchange(path_, {std::string(*name).substr(1)});
  const std::string body = value(*found);
  path_ = path;
  beginning_ = before;
  rules_.define(rule, body);
  return rule;
}

std::string SchemaWriter::merged(const Object& schema) {
  Object whole;
  const auto add = [&](const Object& part) {
    const std::string conflict = merge_schema(whole, part);
    if (strict_ && !conflict.empty()) {
      refuse_keyword(conflict,
                     "stands in two schemas that one value has to obey, which cannot be "
                     "enforced: write one schema that says both");
    }
  };
  const auto add_value = [&](const Value* part) {
    if (part == nullptr || (!part->is_object() && !part->is_bool())) {
      refuse("a part of allOf, or what a $ref leads to, is no schema");
    } else if (const Object* object = part->if_object()) {
      add(*object);
    } else if (!part->get_bool()) {
      refuse("a schema that is false allows no value");
    }
  };
  add(without(without(schema, "$ref"), "allOf"));
  if (schema.contains("$ref")) {
    if (const json::string* name = text_of(schema, "$ref")) add_value(target(*name));
  }
  if (const Value* parts = schema.if_contains("allOf")) {
    const json::array* list = parts->if_array();
    if (list == nullptr) return refuse_keyword("allOf", "must be a list of schemas");
    for (const Value& part : *list) add_value(&part);
  }
  return is_broken() ? "\"\"" : value(whole);
}

std::string SchemaWriter::alternatives(const Object& schema, std::string_view keyword) {
  const json::array* options = schema.at(keyword).if_array();
  if (options == nullptr || options->empty()) {
    return refuse_keyword(keyword, "must be a list of at least one schema");
  }
  const Object rest = without(schema, keyword);
  const bool is_alone = says_only(rest, {});
  std::vector<Object> seen;
  std::vector<std::string> parts;
  for (const Value& option : *options) {
    if (option.is_bool() && !option.get_bool()) continue;
    const Value* meant = &option;
    if (const Object* object = option.if_object(); object != nullptr && object->contains("$ref")) {
      if (const json::string* name = object->at("$ref").if_string()) meant = target(*name);
    }
    if (keyword == "oneOf" && strict_ && options->size() > 1) {
      const Object* one = meant == nullptr ? nullptr : meant->if_object();
      if (one == nullptr ||
          !std::ranges::all_of(seen, [&](const Object& other) { return are_apart(*one, other); })) {
        return refuse_keyword("oneOf",
                              "has alternatives that one value could be valid for at once, which "
                              "cannot be enforced: use anyOf");
      }
      seen.push_back(*one);
    }
    if (is_alone) {
      parts.push_back(value(option));
    } else {
      parts.push_back(value(Object{{"allOf", json::array{rest, option}}}));
    }
    if (is_broken()) return "\"\"";
  }
  if (parts.empty()) return refuse_keyword(keyword, "allows no value");
  return rules_.add(any_of(parts));
}

std::string SchemaWriter::listed_values(const Object& schema) {
  const bool is_constant = schema.contains("const");
  if (strict_ && !says_only(schema, {"const", "enum", "type"})) {
    for (const auto& member : schema) {
      if (says_only({{member.key(), nullptr}}, {"const", "enum", "type"})) continue;
      return refuse_keyword(member.key(), "cannot be enforced beside const or enum");
    }
  }
  json::array values;
  if (const Value* list = schema.if_contains("enum")) {
    if (!list->is_array()) return refuse_keyword("enum", "must be a list of values");
    values = list->get_array();
  }
  if (is_constant) {
    const Value& constant = schema.at("const");
    if (schema.contains("enum") && std::ranges::find(values, constant) == values.end()) {
      return refuse("the value of const is not one of enum");
    }
    values = {constant};
  }
  std::vector<std::string> parts;
  for (const Value& one : values) {
    if (const Value* type = schema.if_contains("type")) {
      const json::array types = type->is_array() ? type->get_array() : json::array{*type};
      if (!std::ranges::any_of(types, [&](const Value& name) {
            return name.is_string() && is_of_type(one, name.get_string());
          })) {
        continue;
      }
    }
    parts.push_back(json_literal(one));
  }
  if (parts.empty()) {
    return refuse(is_constant ? "the value of const is not of the type" : "enum allows no value");
  }
  return rules_.add(any_of(parts));
}

std::string SchemaWriter::typed(const Object& schema) {
  std::vector<std::string> types;
  if (const Value* type = schema.if_contains("type")) {
    const json::array list = type->is_array() ? type->get_array() : json::array{*type};
    for (const Value& one : list) {
      if (!one.is_string()) return refuse_keyword("type", "must be a name or a list of names");
      types.emplace_back(one.get_string());
    }
    if (types.empty()) return refuse_keyword("type", "allows no value");
  } else {
    // Keywords about objects mean an object, and so on.
    for (const auto& member : schema) {
      const std::string_view about = type_of(member.key());
      if (!about.empty() && std::ranges::find(types, about) == types.end()) {
        types.emplace_back(about);
      }
    }
    if (types.empty()) return any_value(rules_);
  }
  std::vector<std::string> parts;
  for (const std::string& type : types) {
    // Every integer is a number too.
    const bool is_part = type == "integer" && std::ranges::find(types, "number") != types.end();
    if (!is_part) parts.push_back(of_type(type, schema));
  }
  return parts.size() == 1 ? parts.front() : rules_.add(any_of(parts));
}

std::string SchemaWriter::of_type(std::string_view type, const Object& schema) {
  if (type == "string") return string(schema);
  if (type == "integer") return integer(schema);
  if (type == "number") return number(schema);
  if (type == "boolean") return R"(("true" | "false"))";
  if (type == "null") return "\"null\"";
  if (type != "object" && type != "array") {
    return refuse(fmt::format("there is no type {}", shown(Value(type))));
  }
  const std::string before = std::exchange(beginning_, "");
  std::string text = type == "object" ? object(schema) : array(schema);
  beginning_ = before;
  return text;
}

std::optional<std::size_t> SchemaWriter::count(const Object& schema, std::string_view keyword) {
  constexpr double kMaxCount = 65'536;
  const std::optional<double> number = finite(schema, keyword);
  if (!number) return std::nullopt;
  if (*number < 0 || *number != static_cast<double>(static_cast<std::int64_t>(*number))) {
    refuse_keyword(keyword, "must be a whole number that is not negative");
    return std::nullopt;
  }
  if (*number > kMaxCount && keyword.starts_with("min")) {
    refuse_keyword(keyword, fmt::format("can be {} at most", kMaxCount));
    return std::nullopt;
  }
  return static_cast<std::size_t>(std::min(*number, kMaxCount));
}

std::optional<double> SchemaWriter::finite(const Object& schema, std::string_view keyword) {
  const Value* found = schema.if_contains(keyword);
  if (found == nullptr) return std::nullopt;
  if (!found->is_number() || found->to_number<double>() > 1e300 ||
      found->to_number<double>() < -1e300) {
    refuse_keyword(keyword, "must be a number of sensible size");
    return std::nullopt;
  }
  return found->to_number<double>();
}

const json::string* SchemaWriter::text_of(const Object& schema, std::string_view keyword) {
  const Value* found = schema.if_contains(keyword);
  if (found == nullptr) return nullptr;
  if (!found->is_string()) {
    refuse_keyword(keyword, "must be a text");
    return nullptr;
  }
  return &found->get_string();
}

void SchemaWriter::check_left_recursion() {
  // Takes away the rules that begin with no other rule, as long as there are any.
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    for (auto place = begins_with_.begin(); place != begins_with_.end();) {
      std::erase_if(place->second,
                    [&](const std::string& rule) { return !begins_with_.contains(rule); });
      goes_on = goes_on || place->second.empty();
      place = place->second.empty() ? begins_with_.erase(place) : std::next(place);
    }
  }
  if (!begins_with_.empty()) refuse("a $ref leads back to itself with nothing in between");
}

}  // namespace shimmy::grammar
