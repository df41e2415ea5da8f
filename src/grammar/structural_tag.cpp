#include "grammar/structural_tag.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <optional>

#include "grammar/pattern.h"
#include "grammar/schema_grammar.h"

namespace shimmy::grammar {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxTagBytes = 1 << 20;
constexpr std::size_t kMaxTagDepth = 200;

bool is_text(const json::object& format, std::string_view key, std::string_view text) {
  const json::value* value = format.if_contains(key);
  return value != nullptr && value->is_string() && value->get_string() == text;
}

// Other styles than JSON (XML parameters) stay with XGrammar.
bool is_json_schema(const json::object& format) {
  return is_text(format, "type", "json_schema") && format.contains("json_schema") &&
         (!format.contains("style") || is_text(format, "style", "json"));
}

std::optional<base::Error> replace(json::value& value, bool strict) {
  if (json::array* array = value.if_array()) {
    for (json::value& item : *array) {
      if (auto error = replace(item, strict)) return error;
    }
    return std::nullopt;
  }
  json::object* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  base::Result<std::string> grammar = "";
  if (is_json_schema(*object)) {
    grammar = schema_grammar(json::serialize(object->at("json_schema")), strict);
  } else if (is_text(*object, "type", "regex") && object->contains("pattern") &&
             object->at("pattern").is_string()) {
    grammar = pattern_grammar(object->at("pattern").get_string(), PatternUse::WholeText);
    if (grammar) grammar = "root ::= " + *grammar + "\n";
  } else {
    for (auto& [key, member] : *object) {
      if (auto error = replace(member, strict)) return error;
    }
    return std::nullopt;
  }
  if (!grammar) return grammar.error();
  value = json::object{{"type", "grammar"}, {"grammar", *grammar}};
  return std::nullopt;
}

}  // namespace

base::Result<std::string> with_own_grammars(std::string_view tag, bool strict) {
  if (tag.size() > kMaxTagBytes) {
    return base::fail_field("structural_tag",
                            "The structural tag has {} bytes; at most {} are allowed.", tag.size(),
                            kMaxTagBytes);
  }
  json::parse_options options;
  options.max_depth = kMaxTagDepth;
  boost::system::error_code code;
  json::value value = json::parse(tag, code, {}, options);
  if (code || !value.is_object()) {
    return base::fail_field("structural_tag", "The structural tag is no JSON object{}{}.",
                            code ? ": " : "", code ? code.message() : "");
  }
  if (auto error = replace(value, strict)) {
    if (error->param.empty()) error->param = "structural_tag";
    return std::unexpected(*error);
  }
  return json::serialize(value);
}

}  // namespace shimmy::grammar
