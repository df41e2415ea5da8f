// Arrays and objects.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "grammar/json_rules.h"
#include "grammar/pattern.h"
#include "grammar/schema_keywords.h"
#include "grammar/schema_writer.h"

namespace shimmy::grammar {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxNameBytes = 256;      // of one name, where others are allowed too
constexpr std::size_t kMaxNamesBytes = 16'384;  // of all of them

bool is_false(const json::value* schema) {
  return schema != nullptr && schema->is_bool() && !schema->get_bool();
}

}  // namespace

std::string SchemaWriter::array(const Object& schema) {
  const std::size_t least = count(schema, "minItems").value_or(0);
  const std::optional<std::size_t> most = count(schema, "maxItems");
  if (most && least > *most) return refuse("minItems is above maxItems");
  const Value* items = schema.if_contains("items");
  const Value* prefix = schema.if_contains("prefixItems");
  // The spelling of older drafts.
  if (prefix == nullptr && items != nullptr && items->is_array()) {
    prefix = items;
    items = schema.if_contains("additionalItems");
  }
  if (prefix != nullptr && !prefix->is_array()) {
    return refuse_keyword("prefixItems", "must be a list of schemas");
  }
  path_.emplace_back("items");
  std::vector<std::string> fixed;
  if (prefix != nullptr) {
    for (const Value& one : prefix->get_array()) {
      if (most && fixed.size() == *most) break;
      fixed.push_back(value(one));
      if (is_broken()) return "\"\"";
    }
  }
  // Without `items` anything may follow the prefix; it is left out where it may be.
  const bool is_open = items != nullptr ? !is_false(items) : fixed.empty() || least > fixed.size();
  if (!is_open && least > fixed.size()) return refuse("minItems asks for more items than allowed");
  const bool has_others = is_open && (!most || *most > fixed.size());
  const std::string other = !has_others ? "" : items == nullptr ? any_value(rules_) : value(*items);
  path_.pop_back();
  if (fixed.empty()) {
    if (!has_others) return "\"[]\"";
    return rules_.add(
        list_of(other, least, most ? static_cast<std::ptrdiff_t>(*most) : -1, "[", "]"));
  }
  std::string text = fmt::format("\"[\" {}", fmt::join(fixed, fmt::format(" {} ", kItemSeparator)));
  if (has_others) {
    text += " " + repeated(fmt::format("{} {}", kItemSeparator, other),
                           least > fixed.size() ? least - fixed.size() : 0,
                           most ? static_cast<std::ptrdiff_t>(*most - fixed.size()) : -1);
  }
  return rules_.add(text + " \"]\"");
}

std::vector<SchemaWriter::Property> SchemaWriter::properties(const Object& schema) {
  std::vector<Property> result;
  std::set<std::string, std::less<>> required;
  if (const Value* names = schema.if_contains("required")) {
    if (!names->is_array()) {
      refuse_keyword("required", "must be a list of names");
      return result;
    }
    for (const Value& name : names->get_array()) {
      if (!name.is_string()) {
        refuse_keyword("required", "must be a list of names");
        return result;
      }
      required.emplace(name.get_string());
    }
  }
  const auto add = [&](std::string_view name, const Value& type) {
    const auto place = required.find(name);
    const bool is_required = place != required.end();
    if (is_required) required.erase(place);
    path_.emplace_back(name);
    if (!is_false(&type) || is_required) {
      const std::string spelled = literal(json::serialize(json::string(name)) + ": ");
      result.push_back({std::string(name), spelled + " " + value(type), is_required});
    }
    path_.pop_back();
  };
  path_.emplace_back("properties");
  if (const Value* list = schema.if_contains("properties")) {
    if (!list->is_object()) {
      refuse_keyword("properties", "must be an object of schemas");
    } else {
      for (const auto& [name, type] : list->get_object()) {
        add(name, type);
        if (is_broken()) break;
      }
    }
  }
  path_.pop_back();
  const Value* others = schema.if_contains("additionalProperties");
  while (!required.empty() && !is_broken()) {
    const std::string name = *required.begin();
    if (is_false(others)) {
      refuse(fmt::format("\"{}\" is required, but not allowed", name));
    } else {
      add(name, others == nullptr ? Value(true) : *others);
    }
  }
  return result;
}

std::string SchemaWriter::object(const Object& schema) {
  const std::vector<Property> known = properties(schema);
  if (is_broken()) return "\"\"";
  if (known.empty()) return free_object(schema);
  const Value* additional = schema.if_contains("additionalProperties");
  const bool has_others = additional != nullptr && !is_false(additional);
  std::string other;
  if (strict_ && schema.contains("patternProperties")) {
    return refuse_keyword("patternProperties", "cannot be enforced beside properties");
  }
  if (strict_ && schema.contains("propertyNames")) {
    return refuse_keyword("propertyNames", "cannot be enforced beside properties");
  }
  check_property_counts(schema, known, has_others);
  if (has_others) {
    std::vector<std::string> names;
    std::size_t bytes = 0;
    for (const Property& property : known) {
      names.push_back(property.name);
      bytes += property.name.size();
      if (property.name.size() > kMaxNameBytes || bytes > kMaxNamesBytes) {
        return refuse_keyword("additionalProperties",
                              "cannot be enforced beside properties of such long names");
      }
    }
    path_.emplace_back("additionalProperties");
    other = rules_.add(
        fmt::format("{} {} {}", other_name(rules_, names), kNameSeparator, value(*additional)));
    path_.pop_back();
  }
  return is_broken() ? "\"\"" : rules_.add(property_list(known, other));
}

void SchemaWriter::check_property_counts(const Object& schema,
                                         const std::vector<Property>& properties, bool has_others) {
  const auto required = static_cast<std::size_t>(
      std::ranges::count_if(properties, [](const Property& one) { return one.required; }));
  const std::optional<std::size_t> least = count(schema, "minProperties");
  const std::optional<std::size_t> most = count(schema, "maxProperties");
  if (least && *least > properties.size() && !has_others) {
    refuse("minProperties asks for more properties than allowed");
  }
  if (most && *most < required) refuse("maxProperties is below the number of required properties");
  if (!strict_) return;
  if (least && *least > required) {
    refuse_keyword("minProperties", "cannot be enforced beside properties that may be left out");
  }
  if (most && (has_others || *most < properties.size())) {
    refuse_keyword("maxProperties", "cannot be enforced beside properties that may be left out");
  }
}

// rest_i: what may follow when the properties up to i have had their turn, and one was written.
std::string SchemaWriter::property_list(const std::vector<Property>& properties,
                                        const std::string& other) {
  std::string rest =
      other.empty() ? "\"\"" : rules_.add(fmt::format("({} {})*", kItemSeparator, other));
  std::vector<std::string> starts;  // last first
  const bool may_be_empty =
      std::ranges::none_of(properties, [](const Property& one) { return one.required; });
  if (may_be_empty) {
    starts.emplace_back("\"\"");
    if (!other.empty()) starts.push_back(other + " " + rest);
  }
  for (std::size_t index = properties.size(); index-- > 0;) {
    const Property& property = properties[index];
    const std::string text = rules_.add(property.text);
    // Nothing before a required property may begin behind it.
    if (property.required) starts.clear();
    starts.push_back(text + " " + rest);
    const std::string with = fmt::format("{} {} {}", kItemSeparator, text, rest);
    rest = rules_.add(property.required ? with : fmt::format("{} | {}", rest, with));
  }
  return fmt::format("\"{{\" {} \"}}\"", any_of(starts));
}

std::string SchemaWriter::free_object(const Object& schema) {
  const std::size_t least = count(schema, "minProperties").value_or(0);
  const std::optional<std::size_t> most = count(schema, "maxProperties");
  if (most && least > *most) return refuse("minProperties is above maxProperties");
  std::vector<std::string> members;
  if (const Value* patterns = schema.if_contains("patternProperties")) {
    if (!patterns->is_object()) {
      return refuse_keyword("patternProperties", "must be an object of schemas");
    }
    if (strict_ && patterns->get_object().size() > 1) {
      return refuse_keyword("patternProperties", "cannot be enforced with several patterns");
    }
    for (const auto& [pattern, type] : patterns->get_object()) {
      const auto name = pattern_grammar(pattern, PatternUse::JsonString);
      if (!name) return refuse_keyword("patternProperties", name.error().message);
      members.push_back(fmt::format("{} {} {}", *name, kNameSeparator, value(type)));
    }
  }
  const Value* additional = schema.if_contains("additionalProperties");
  const bool is_listed = schema.contains("properties") || !members.empty();
  const bool has_others = additional != nullptr ? !is_false(additional) : !is_listed;
  if (has_others && strict_ && !members.empty()) {
    return refuse_keyword("additionalProperties", "cannot be enforced beside patternProperties");
  }
  if (has_others && members.empty()) {
    const Value* names = schema.if_contains("propertyNames");
    std::string name = any_string(rules_);
    if (names != nullptr) {
      name = value(Object{{"allOf", json::array{*names, Object{{"type", "string"}}}}});
    }
    members.push_back(fmt::format("{} {} {}", name, kNameSeparator,
                                  additional == nullptr ? any_value(rules_) : value(*additional)));
  }
  if (is_broken()) return "\"\"";
  if (members.empty()) {
    return least > 0 ? refuse("minProperties asks for more properties than allowed") : "\"{}\"";
  }
  return rules_.add(list_of(rules_.add(any_of(members)), least,
                            most ? static_cast<std::ptrdiff_t>(*most) : -1, "{", "}"));
}

}  // namespace shimmy::grammar
