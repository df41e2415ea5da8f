#include "protocol/openai/output_format.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace shimmy::protocol::openai {
namespace {

using generation::Constraint;
using json::Fields;
using Kind = Constraint::Kind;

constexpr std::string_view kTypes[] = {"text", "json_object", "json_schema"};

// One demand and the field that made it.
struct Demand {
  std::string path;
  Constraint constraint;
  std::string label = {};  // what messages call it; empty: its path
};

using Demands = std::vector<Demand>;

void add_schema(Fields& fields, std::string_view key, bool strict, Demands& demands) {
  const boost::json::value* schema = fields.find(key);
  if (schema == nullptr) return;
  if (!schema->is_object() && !schema->is_bool())
    return fields.fail_type(key, "an object (a JSON Schema)", *schema);
  demands.push_back(
      {fields.path_of(key), {Kind::JsonSchema, boost::json::serialize(*schema), strict}});
}

void add_text(Fields& fields, std::string_view key, Kind kind, Demands& demands) {
  auto text = fields.text(key);
  if (text && !text->empty())
    demands.push_back({fields.path_of(key), {kind, std::move(*text), true}});
}

// {"type":"json_schema","json_schema":{"name","schema","strict"}}
void decode_named_schema(Fields& format, Demands& demands) {
  if (format.find("json_schema") == nullptr) format.fail_missing("json_schema");
  json::with_member(format, "json_schema", [&](Fields& named) {
    const auto name = named.text("name");
    named.text("description");
    const bool strict = named.flag("strict").value_or(false);
    const std::size_t before = demands.size();
    add_schema(named, "schema", strict, demands);
    if (demands.size() == before)
      demands.push_back({named.path_of("schema"), {Kind::JsonObject, {}, strict}});
    demands.back().label = fmt::format("response_format '{}'", name.value_or(""));
  });
}

void decode_response_format(Fields& format, Demands& demands) {
  const std::string type = format.required_text("type");
  if (!format.ok() || type == "text") return;
  if (type == "json_schema") return decode_named_schema(format, demands);
  if (type != "json_object") return format.fail_value("type", type, kTypes);
  const std::size_t before = demands.size();
  add_schema(format, "schema", false, demands);  // llama.cpp's loose form
  if (demands.size() == before) demands.push_back({format.path_of("type"), {Kind::JsonObject, {}}});
}

// vLLM takes the schema as an object or as its text.
void add_guided_schema(Fields& fields, std::string_view key, Demands& demands) {
  const boost::json::value* schema = fields.find(key);
  if (schema != nullptr && schema->is_string()) {
    return add_text(fields, key, Kind::JsonSchema, demands);
  }
  add_schema(fields, key, false, demands);
}

void append_escaped(std::string& grammar, std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\') grammar += '\\';
    if (c == '\n') grammar += "\\n";
    else if (c == '\r') grammar += "\\r";
    else grammar += c;
  }
}

// One of several texts, as a grammar.
void add_choice(Fields& fields, std::string_view key, Demands& demands) {
  if (fields.find(key) == nullptr) return;
  const boost::json::array* choices = fields.required_array(key);
  if (choices == nullptr) return;
  std::string grammar = "root ::= ";
  for (std::size_t i = 0; i < choices->size(); ++i) {
    const boost::json::string* text = (*choices)[i].if_string();
    if (text == nullptr) {
      return fields.fail(json::type_error(fmt::format("{}[{}]", fields.path_of(key), i), "a string",
                                          (*choices)[i]));
    }
    grammar += i > 0 ? " | \"" : "\"";
    append_escaped(grammar, json::view(*text));
    grammar += '"';
  }
  demands.push_back({fields.path_of(key), {Kind::Gbnf, std::move(grammar), true}});
}

void decode_structured_outputs(Fields& outputs, Demands& demands) {
  add_guided_schema(outputs, "json", demands);
  add_text(outputs, "regex", Kind::Regex, demands);
  add_choice(outputs, "choice", demands);
  add_text(outputs, "grammar", Kind::Gbnf, demands);
  if (outputs.flag("json_object").value_or(false))
    demands.push_back({outputs.path_of("json_object"), {Kind::JsonObject, {}}});
}

}  // namespace

Constraint decode_output_format(Fields& fields) {
  Demands demands;
  json::with_member(fields, "response_format",
                    [&](Fields& format) { decode_response_format(format, demands); });
  add_schema(fields, "json_schema", false, demands);
  add_text(fields, "grammar", Kind::Gbnf, demands);
  json::with_member(fields, "structured_outputs",
                    [&](Fields& outputs) { decode_structured_outputs(outputs, demands); });
  add_guided_schema(fields, "guided_json", demands);
  add_text(fields, "guided_regex", Kind::Regex, demands);
  add_choice(fields, "guided_choice", demands);
  add_text(fields, "guided_grammar", Kind::Gbnf, demands);
  if (demands.size() > 1) {
    fields.fail({base::ErrorCode::InvalidRequest,
                 fmt::format("'{}' and '{}' both demand a form of the output: give one.",
                             demands[0].path, demands[1].path),
                 {},
                 demands[1].path,
                 "invalid_value"});
  }
  if (demands.empty()) return {};
  Constraint& constraint = demands.front().constraint;
  constexpr std::string_view kOwn = "response_format";
  constraint.field = demands.front().path.starts_with(kOwn) ? kOwn : demands.front().path;
  constraint.label = std::move(demands.front().label);
  return std::move(constraint);
}

}  // namespace shimmy::protocol::openai
