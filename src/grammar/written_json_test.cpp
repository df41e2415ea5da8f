// Texts that random choices write, judged by a check of JSON Schema that knows nothing of grammars.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <limits>
#include <regex>

#include "grammar/matching_fixture.h"

namespace shimmy::grammar {
namespace {

namespace json = boost::json;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

// The first rule that `value` breaks; empty when none.
std::string broken_rule(const json::value& value, const json::object& schema,
                        const json::value& root);

std::string broken_type(const json::value& value, const json::value& type) {
  const auto is = [&](std::string_view name) {
    if (name == "string") return value.is_string();
    if (name == "integer") return value.is_int64();
    if (name == "number") return value.is_number();
    if (name == "boolean") return value.is_bool();
    if (name == "null") return value.is_null();
    return name == "array" ? value.is_array() : value.is_object();
  };
  if (const json::array* names = type.if_array()) {
    const bool fits =
        std::ranges::any_of(*names, [&](const json::value& name) { return is(name.as_string()); });
    return fits ? "" : "type";
  }
  return is(type.as_string()) ? "" : "type";
}

std::string broken_number(double value, const json::object& schema) {
  constexpr double kEndless = std::numeric_limits<double>::infinity();
  const auto bound = [&](const char* keyword, double otherwise) {
    return schema.contains(keyword) ? schema.at(keyword).to_number<double>() : otherwise;
  };
  if (value < bound("minimum", -kEndless)) return "minimum";
  if (value > bound("maximum", kEndless)) return "maximum";
  if (value <= bound("exclusiveMinimum", -kEndless)) return "exclusiveMinimum";
  if (value >= bound("exclusiveMaximum", kEndless)) return "exclusiveMaximum";
  const double step = bound("multipleOf", 0);
  return step != 0 && std::fmod(value, step) != 0 ? "multipleOf" : "";
}

std::string broken_string(std::string_view text, const json::object& schema) {
  const std::size_t length = characters(text);
  if (schema.contains("minLength") && length < schema.at("minLength").to_number<std::size_t>()) {
    return "minLength";
  }
  if (schema.contains("maxLength") && length > schema.at("maxLength").to_number<std::size_t>()) {
    return "maxLength";
  }
  if (schema.contains("pattern") &&
      !std::regex_search(std::string(text),
                         std::regex(std::string(schema.at("pattern").as_string())))) {
    return "pattern";
  }
  return "";
}

std::string broken_array(const json::array& array, const json::object& schema,
                         const json::value& root) {
  if (schema.contains("minItems") &&
      array.size() < schema.at("minItems").to_number<std::size_t>()) {
    return "minItems";
  }
  if (schema.contains("maxItems") &&
      array.size() > schema.at("maxItems").to_number<std::size_t>()) {
    return "maxItems";
  }
  if (!schema.contains("items")) return "";
  for (const json::value& item : array) {
    const std::string rule = broken_rule(item, schema.at("items").as_object(), root);
    if (!rule.empty()) return "items/" + rule;
  }
  return "";
}

std::string broken_object(const json::object& object, const json::object& schema,
                          const json::value& root) {
  if (schema.contains("required")) {
    for (const json::value& name : schema.at("required").as_array()) {
      if (!object.contains(name.as_string())) return "required";
    }
  }
  const json::object none;
  const json::object& known =
      schema.contains("properties") ? schema.at("properties").as_object() : none;
  for (const auto& [name, member] : object) {
    if (known.contains(name)) {
      const std::string rule = broken_rule(member, known.at(name).as_object(), root);
      if (!rule.empty()) return std::string(name) + '/' + rule;
    } else if (schema.contains("additionalProperties")) {
      const json::value& others = schema.at("additionalProperties");
      if (others.is_bool() && !others.as_bool()) return "additionalProperties";
      if (others.is_object() && !broken_rule(member, others.as_object(), root).empty()) {
        return "additionalProperties";
      }
    }
  }
  return "";
}

std::string broken_rule(const json::value& value, const json::object& schema,
                        const json::value& root) {
  if (schema.contains("$ref")) {
    const std::string pointer(schema.at("$ref").as_string());
    return broken_rule(value, root.at_pointer(pointer.substr(1)).as_object(), root);
  }
  if (schema.contains("anyOf")) {
    const bool fits = std::ranges::any_of(schema.at("anyOf").as_array(), [&](const auto& option) {
      return broken_rule(value, option.as_object(), root).empty();
    });
    if (!fits) return "anyOf";
  }
  if (schema.contains("enum")) {
    const json::array& values = schema.at("enum").as_array();
    if (std::ranges::find(values, value) == values.end()) return "enum";
  }
  if (schema.contains("type")) {
    if (std::string rule = broken_type(value, schema.at("type")); !rule.empty()) return rule;
  }
  if (value.is_number()) return broken_number(value.to_number<double>(), schema);
  if (value.is_string()) return broken_string(value.as_string(), schema);
  if (value.is_array()) return broken_array(value.as_array(), schema, root);
  if (value.is_object()) return broken_object(value.as_object(), schema, root);
  return "";
}

struct Case {
  std::string name;
  std::string schema;
};

class WrittenJson : public Matching, public testing::WithParamInterface<Case> {};

TEST_P(WrittenJson, IsValid) {
  const Grammar grammar = schema(GetParam().schema);
  ASSERT_TRUE(grammar);
  const json::value root = json::parse(GetParam().schema);
  int whole = 0;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const std::string text = written(grammar, seed);
    if (!accepts(grammar, text)) continue;  // cut: it went on for too long
    ++whole;
    boost::system::error_code code;
    const json::value value = json::parse(text, code);
    ASSERT_FALSE(code) << code.message() << ": " << text;
    ASSERT_EQ(broken_rule(value, root.as_object(), root), "") << text;
  }
  EXPECT_GE(whole, 50);
}

TEST_P(WrittenJson, EveryBeginningCanBeWrittenOn) {
  const Grammar grammar = schema(GetParam().schema);
  ASSERT_TRUE(grammar);
  const std::string text = written(grammar, 7, 300);
  Matcher matcher(grammar);
  for (const char byte : text) {
    EXPECT_FALSE(matcher.is_finished());
    ASSERT_TRUE(matcher.accept(token(byte)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Schemas, WrittenJson,
    testing::Values(
        Case{
            "person",
            R"({"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":12},
                 "age":{"type":"integer","minimum":0,"maximum":130},
                 "kind":{"enum":["a","b",null,3]},
                 "mail":{"type":["string","null"],"pattern":"^[a-z]+@[a-z]+[.]org$"},
                 "tags":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":3}},
                 "required":["name","age","kind","tags"],"additionalProperties":false})"},
        Case{"numbers",
             R"({"type":"array","minItems":3,"maxItems":6,"items":{"anyOf":[
                 {"type":"number","minimum":-1.5,"exclusiveMaximum":100},
                 {"type":"number","exclusiveMinimum":0.001,"maximum":0.0021},
                 {"type":"integer","minimum":-1234,"maximum":98765},
                 {"type":"integer","multipleOf":7},
                 {"type":"number"},{"type":"integer"}]}})"},
        Case{"tree",
             R"({"$defs":{"node":{"type":"object","properties":{"value":{"type":"boolean"},
                 "kids":{"type":"array","maxItems":2,"items":{"$ref":"#/$defs/node"}}},
                 "required":["value","kids"],"additionalProperties":false}},"$ref":"#/$defs/node"})"},
        Case{"others",
             R"({"type":"object","properties":{"a":{"type":"integer"},"ab":{"type":"null"},
                 "é":{"type":"boolean"}},"required":["ab"],
                 "additionalProperties":{"type":"string","maxLength":2}})"},
        Case{"any_object", R"({"type":"object"})"},
        Case{"unicode",
             R"({"type":"object","properties":{"ключ":{"type":"string","minLength":3,"maxLength":3},
                 "😀":{"enum":["é","中","\n\t\"\\"]}},"required":["ключ","😀"],
                 "additionalProperties":false})"}),
    [](const auto& tested) { return tested.param.name; });

class WrittenDates : public Matching {};

TEST_F(WrittenDates, AreDaysOfTheCalendar) {
  const Grammar grammar = schema(R"({"type":"string","format":"date"})");
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const std::string text = written(grammar, seed);
    const std::chrono::year_month_day day{
        std::chrono::year(std::stoi(text.substr(1, 4))),
        std::chrono::month(static_cast<unsigned>(std::stoi(text.substr(6, 2)))),
        std::chrono::day(static_cast<unsigned>(std::stoi(text.substr(9, 2))))};
    EXPECT_TRUE(day.ok()) << text;
  }
}

}  // namespace
}  // namespace shimmy::grammar
