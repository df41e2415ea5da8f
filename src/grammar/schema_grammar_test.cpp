#include "grammar/schema_grammar.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "grammar/matching_fixture.h"

namespace shimmy::grammar {
namespace {

using testing::HasSubstr;

// No UTF-8: surrogates, codes that are longer than need be or beyond the last, lone bytes.
const std::vector<std::string> kBroken{"\"\xED\xA0\x80\"",
                                       "\"\xC0\x80\"",
                                       "\"\xC1\xBF\"",
                                       "\"\xE0\x80\x80\"",
                                       "\"\xE0\x9F\xBF\"",
                                       "\"\xF0\x80\x80\x80\"",
                                       "\"\xFF\"",
                                       "\"\xF4\x90\x80\x80\"",
                                       "\"\xF5\x80\x80\x80\"",
                                       "\"\x80\"",
                                       "\"\xC3\""};

struct Case {
  std::string name;
  std::string schema;
  std::vector<std::string> valid;
  std::vector<std::string> invalid;
};

class SchemaKeyword : public Matching, public testing::WithParamInterface<Case> {};

TEST_P(SchemaKeyword, IsEnforced) {
  const Grammar grammar = schema(GetParam().schema);
  ASSERT_TRUE(grammar);
  for (const std::string& text : GetParam().valid) EXPECT_TRUE(accepts(grammar, text)) << text;
  for (const std::string& text : GetParam().invalid) EXPECT_FALSE(accepts(grammar, text)) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Scalars, SchemaKeyword,
    testing::Values(
        Case{"string",
             R"({"type":"string"})",
             {R"("")", R"("a b")", R"("é😀")", R"("\n\"\\")", R"("\u00e9")", R"("\ud83d\ude00")"},
             {"1", R"("a)", R"(a")", "\"\n\"", "\"\x01\"", R"("\x")", R"("\ud83d")", R"("\ude00")",
              "\"\xED\xA0\x80\"", "\"\xFF\""}},
        Case{"integer",
             R"({"type":"integer"})",
             {"0", "-1", "42", "999999999999999"},
             {"-0", "01", "1.0", "1e3", "+1", "", "1234567890123456"}},
        Case{"number",
             R"({"type":"number"})",
             {"0", "-0.5", "1.25", "1e9", "-3E-2"},
             {".5", "1.", "01", "NaN", "1e", "--1"}},
        Case{"boolean", R"({"type":"boolean"})", {"true", "false"}, {"True", "1", "null"}},
        Case{"null", R"({"type":"null"})", {"null"}, {"", "nil", "0"}},
        Case{"type_list", R"({"type":["string","null"]})", {R"("x")", "null"}, {"1", "nul"}},
        Case{"number_takes_integers", R"({"type":["integer","number"]})", {"1", "1.5"}, {"x"}},
        Case{"broken_utf8", R"({"type":"string"})", {}, kBroken},
        Case{"broken_utf8_of_a_length", R"({"type":"string","maxLength":9})", {}, kBroken},
        Case{"broken_utf8_of_a_great_length", R"({"type":"string","maxLength":900})", {}, kBroken},
        Case{"broken_utf8_in_a_pattern", R"({"type":"string","pattern":"^[^a]$"})", {}, kBroken},
        Case{"enumeration",
             R"({"enum":["a","b/c",1,0.1,null,{"k":[1,"x"]},true]})",
             {R"("a")", R"("b/c")", "1", "0.1", "null", R"({"k": [1, "x"]})", "true"},
             {R"("b")", "2", "false", R"("b\/c")"}},
        Case{"enumeration_of_a_type", R"({"type":"string","enum":["a",1]})", {R"("a")"}, {"1"}},
        Case{"constant", R"({"const":"é\"\n"})", {R"("é\"\n")"}, {R"("é")"}},
        Case{"lengths",
             R"({"type":"string","minLength":2,"maxLength":3})",
             {R"("ab")", R"("abc")", R"("é😀")", R"("\n\"")"},
             {R"("a")", R"("abcd")", R"("\n")", "\"a\tb\""}},
        Case{"only_least_length", R"({"minLength":1})", {R"("a")", R"("abcdef")"}, {R"("")", "1"}},
        Case{"only_largest_length", R"({"type":"string","maxLength":0})", {R"("")"}, {R"("a")"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Bounds, SchemaKeyword,
    testing::Values(
        Case{"integers",
             R"({"type":"integer","minimum":-12,"maximum":105})",
             {"-12", "-1", "0", "9", "10", "99", "100", "105"},
             {"-13", "-100", "106", "110", "1000", "-0"}},
        Case{"exclusive_integers",
             R"({"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":3})",
             {"1", "2"},
             {"0", "3", "10"}},
        Case{"broken_bounds_of_integers",
             R"({"type":"integer","minimum":0.5,"maximum":2.5})",
             {"1", "2"},
             {"0", "3"}},
        Case{"half_open_integers",
             R"({"type":"integer","minimum":18})",
             {"18", "99", "100", "12345"},
             {"17", "2", "-20"}},
        Case{"integers_down",
             R"({"type":"integer","maximum":-5})",
             {"-5", "-10", "-999"},
             {"-4", "0", "5"}},
        Case{"huge_integers",
             R"({"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807})",
             {"0", "-5", "999999999999999"},
             {"1.5"}},
        Case{"numbers",
             R"({"type":"number","minimum":-1.5,"maximum":2.25})",
             {"-1.5", "-1.4999", "-1", "0", "-0.3", "1.999", "2", "2.25", "2.2", "2.1999"},
             {"-1.51", "-2", "2.26", "2.251", "3", "10", "1e9"}},
        Case{"exclusive_numbers",
             R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})",
             {"0.1", "0.001", "0.99"},
             {"0", "0.0", "1", "1.0", "-0.1"}},
        Case{"narrow_numbers",
             R"({"type":"number","minimum":0.125,"maximum":0.13})",
             {"0.125", "0.1255", "0.13", "0.129"},
             {"0.124", "0.131", "0.2", "0.1", "1"}},
        Case{
            "one_number", R"({"type":"number","minimum":2,"maximum":2})", {"2"}, {"2.1", "1", "3"}},
        Case{"positive_numbers",
             R"({"type":"number","minimum":0})",
             {"0", "0.5", "123456.75"},
             {"-1", "-0.5"}},
        Case{"multiples",
             R"({"type":"integer","multipleOf":7})",
             {"0", "7", "-14", "700"},
             {"1", "8", "-13"}},
        Case{"multiples_in_a_range",
             R"({"type":"integer","multipleOf":5,"minimum":-7,"maximum":10})",
             {"-5", "0", "5", "10"},
             {"-7", "1", "15"}},
        Case{"multiples_of_one", R"({"type":"integer","multipleOf":1})", {"3"}, {"x"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Formats, SchemaKeyword,
    testing::Values(
        Case{"date",
             R"({"type":"string","format":"date"})",
             {R"("2026-11-30")", R"("2024-02-29")", R"("2000-02-29")", R"("1999-12-31")"},
             {R"("2026-11-31")", R"("2023-02-29")", R"("1900-02-29")", R"("2026-13-01")",
              R"("2026-00-10")", R"("26-01-01")", R"("2026-01-00")"}},
        Case{"time",
             R"({"type":"string","format":"time"})",
             {R"("23:59:59Z")", R"("00:00:00.123+02:00")"},
             {R"("24:00:00Z")", R"("12:60:00Z")", R"("12:00:00")", R"("1:00:00Z")"}},
        Case{"date_time",
             R"({"type":"string","format":"date-time"})",
             {R"("2026-11-21T15:00:00Z")"},
             {R"("2026-11-21 15:00:00Z")", R"("2026-11-21")"}},
        Case{
            "uuid",
            R"({"type":"string","format":"uuid"})",
            {R"("123e4567-e89b-12d3-a456-426614174000")"},
            {R"("123e4567e89b12d3a456426614174000")", R"("g23e4567-e89b-12d3-a456-426614174000")"}},
        Case{"email",
             R"({"type":"string","format":"email"})",
             {R"("a.b+c@example.org")", R"("x@y.zz")"},
             {R"("a@")", R"("@b.c")", R"("a b@c.d")", R"("a..b@c.d")", R"("a@b")", R"("a@-b.c")"}},
        Case{"ipv4",
             R"({"type":"string","format":"ipv4"})",
             {R"("0.0.0.0")", R"("255.249.199.9")"},
             {R"("256.0.0.1")", R"("1.2.3")", R"("01.2.3.4")"}},
        Case{"ipv6",
             R"({"type":"string","format":"ipv6"})",
             {R"("2001:db8:0:0:0:0:0:1")"},
             {R"("2001:db8")", R"("g:0:0:0:0:0:0:1")"}},
        Case{"hostname",
             R"({"type":"string","format":"hostname"})",
             {R"("a")", R"("a-b.example.org")"},
             {R"("-a")", R"("a..b")", R"("")"}},
        Case{"uri",
             R"({"type":"string","format":"uri"})",
             {R"("https://example.org/a/b?c=d#e")", R"("http://x:80")"},
             {R"("example.org")", R"("http://")", R"("http://a b")"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Patterns, SchemaKeyword,
    testing::Values(Case{"anchored",
                         R"({"type":"string","pattern":"^[A-Z]{2}-\\d{3,4}$"})",
                         {R"("AB-123")", R"("AB-1234")"},
                         {R"("AB-12")", R"("xAB-123")", R"("AB-123x")"}},
                    Case{"part_of_the_text",
                         R"({"type":"string","pattern":"b+"})",
                         {R"("b")", R"("abbc")"},
                         {R"("ac")", R"("")"}},
                    Case{"alternatives",
                         R"({"type":"string","pattern":"^(?:red|gr(e|a)y)$"})",
                         {R"("red")", R"("grey")", R"("gray")"},
                         {R"("gry")", R"("redgrey")"}},
                    Case{"what_json_escapes",
                         R"({"type":"string","pattern":"^a[\"\\\\\\n]b$"})",
                         {R"("a\"b")", R"("a\\b")", R"("a\nb")"},
                         {"\"a\"b\"", "\"a\nb\"", R"("acb")"}},
                    Case{"classes",
                         R"({"type":"string","pattern":"^\\w+\\s\\S[^a-c]$"})",
                         {R"("x_1 yz")", R"("x éé")", R"("x\tyd")"},
                         {R"("x ya")", R"("xyz")"}},
                    Case{"unicode",
                         R"({"type":"string","pattern":"^[é-ü]\u4e2d?.$"})",
                         {R"("ê中x")", R"("êx")", R"("ê😀")"},
                         {R"("ex")"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Arrays, SchemaKeyword,
    testing::Values(
        Case{"items",
             R"({"type":"array","items":{"type":"integer"}})",
             {"[]", "[1]", "[1, 2, 3]"},
             {"[1,2]", "[1, ]", R"(["a"])", "[", "[ ]"}},
        Case{
            "any_items", R"({"type":"array"})", {"[]", R"([1, "a", [null], {"b": true}])"}, {"{}"}},
        Case{"counted",
             R"({"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2})",
             {"[true]", "[true, false]"},
             {"[]", "[true, true, true]"}},
        Case{"none", R"({"type":"array","maxItems":0})", {"[]"}, {"[1]"}},
        Case{
            "prefix",
            R"({"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":false})",
            {R"([1, "a"])"},
            {R"([1, "a", 2])", R"(["a", 1])"}},
        Case{
            "prefix_and_items",
            R"({"prefixItems":[{"type":"integer"}],"items":{"type":"null"},"minItems":2,"maxItems":3})",
            {"[1, null]", "[1, null, null]"},
            {"[1]", "[1, null, null, null]", "[null, null]"}},
        Case{"old_prefix",
             R"({"items":[{"type":"integer"},{"type":"null"}]})",
             {"[1, null]"},
             {"[null]"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Objects, SchemaKeyword,
    testing::Values(
        Case{"required_in_order",
             R"({"type":"object","properties":{"b":{"type":"integer"},"a":{"type":"null"}},
                 "required":["a","b"],"additionalProperties":false})",
             {R"({"b": 1, "a": null})"},
             {R"({"a": null, "b": 1})", R"({"b": 1})", "{}", R"({"b": 1, "a": null, "c": 1})"}},
        Case{"optional",
             R"({"type":"object","properties":{"a":{"const":1},"b":{"const":2},"c":{"const":3}},
                 "additionalProperties":false})",
             {"{}", R"({"a": 1})", R"({"b": 2})", R"({"c": 3})", R"({"a": 1, "c": 3})",
              R"({"a": 1, "b": 2, "c": 3})"},
             {R"({"c": 3, "a": 1})", R"({"a": 1, })", R"({, "a": 1})"}},
        Case{"some_optional",
             R"({"properties":{"a":{"const":1},"b":{"const":2},"c":{"const":3}},"required":["b"]})",
             {R"({"b": 2})", R"({"a": 1, "b": 2})", R"({"b": 2, "c": 3})"},
             {"{}", R"({"a": 1})", R"({"c": 3})", R"({"a": 1, "c": 3})"}},
        Case{"others_of_a_type",
             R"({"properties":{"a":{"const":1}},"additionalProperties":{"type":"integer"}})",
             {"{}", R"({"a": 1})", R"({"a": 1, "b": 5})", R"({"aa": 5})", R"({"": 1, "é": 2})"},
             {R"({"a": 2})", R"({"b": 5, "a": 2})", R"({"b": "x"})"}},
        Case{"others_of_any_kind",
             R"({"properties":{"name":{"type":"string"}},"required":["name"],
                 "additionalProperties":true})",
             {R"({"name": "x", "nam": 1})", R"({"name": "x", "names": [1]})"},
             {R"({"name": 1})", R"({"name": "x", "name": 1})", R"({"nam": 1})"}},
        Case{"free", R"({"type":"object"})", {"{}", R"({"a": {"b": [1]}})"}, {"[]", "{a: 1}"}},
        Case{"map",
             R"({"type":"object","additionalProperties":{"type":"integer"}})",
             {"{}", R"({"x": 1, "y": 2})"},
             {R"({"x": "1"})"}},
        Case{"map_of_a_size",
             R"({"additionalProperties":{"type":"null"},"minProperties":1,"maxProperties":2})",
             {R"({"a": null})", R"({"a": null, "b": null})"},
             {"{}", R"({"a": null, "b": null, "c": null})"}},
        Case{
            "map_of_patterns",
            R"({"patternProperties":{"^x[0-9]$":{"type":"integer"}},"additionalProperties":false})",
            {"{}", R"({"x1": 5, "x2": 6})"},
            {R"({"y": 1})", R"({"x1": "a"})"}},
        Case{"map_with_names",
             R"({"propertyNames":{"enum":["a","b"]},"additionalProperties":{"type":"integer"}})",
             {R"({"a": 1, "b": 2})"},
             {R"({"c": 1})"}},
        Case{"required_without_a_schema",
             R"({"type":"object","required":["a"]})",
             {R"({"a": [1]})"},
             {"{}"}},
        Case{"no_properties",
             R"({"type":"object","properties":{},"additionalProperties":false})",
             {"{}"},
             {R"({"a": 1})"}},
        Case{"names_that_need_escapes",
             R"({"properties":{"a\"b\n":{"const":1}},"required":["a\"b\n"]})",
             {R"({"a\"b\n": 1})"},
             {"{}"}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Combinations, SchemaKeyword,
    testing::Values(
        Case{"any_of",
             R"({"anyOf":[{"type":"integer"},{"type":"object","properties":{"a":{"type":"null"}},
                 "required":["a"],"additionalProperties":false}]})",
             {"1", R"({"a": null})"},
             {"null", "{}"}},
        Case{"any_of_beside_a_type",
             R"({"type":"string","anyOf":[{"minLength":2},{"const":"x"}]})",
             {R"("ab")", R"("x")"},
             {R"("y")", "1"}},
        Case{"one_of_types",
             R"({"oneOf":[{"type":"integer"},{"type":"string"}]})",
             {"1", R"("a")"},
             {"null"}},
        Case{"one_of_kinds",
             R"({"oneOf":[{"type":"object","properties":{"k":{"const":"a"}},"required":["k"]},
                          {"type":"object","properties":{"k":{"const":"b"}},"required":["k"]}]})",
             {R"({"k": "a"})", R"({"k": "b"})"},
             {R"({"k": "c"})"}},
        Case{"all_of_one", R"({"allOf":[{"type":"integer"}],"description":"x"})", {"1"}, {"null"}},
        Case{"all_of_several",
             R"({"allOf":[{"type":"number","minimum":2},{"type":"integer","maximum":5}]})",
             {"2", "5"},
             {"1", "6", "2.5"}},
        Case{"all_of_objects",
             R"({"allOf":[{"properties":{"a":{"const":1}},"required":["a"]},
                          {"properties":{"b":{"const":2}},"required":["b"]}],"type":"object"})",
             {R"({"a": 1, "b": 2})"},
             {R"({"a": 1})"}},
        Case{"reference",
             R"({"$defs":{"n":{"type":"integer"}},"type":"array","items":{"$ref":"#/$defs/n"}})",
             {"[1, 2]"},
             {R"(["a"])"}},
        Case{"reference_with_more",
             R"({"$defs":{"n":{"type":"integer","minimum":0}},"$ref":"#/$defs/n","maximum":3})",
             {"0", "3"},
             {"-1", "4"}},
        Case{"odd_pointer",
             R"({"definitions":{"a/b~c":{"const":1}},"$ref":"#/definitions/a~1b~0c"})",
             {"1"},
             {"2"}},
        Case{"recursive_tree",
             R"({"$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},
                 "kids":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["v","kids"],
                 "additionalProperties":false}},"$ref":"#/$defs/node"})",
             {R"({"v": 1, "kids": []})",
              R"({"v": 1, "kids": [{"v": 2, "kids": []}, {"v": 3, "kids": []}]})"},
             {R"({"v": 1})", R"({"v": 1, "kids": [1]})"}},
        Case{"recursive_root",
             R"({"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},
                 "required":["next"],"additionalProperties":false})",
             {R"({"next": null})", R"({"next": {"next": null}})"},
             {"{}", R"({"next": 1})"}},
        Case{"anything", "{}", {"1", "null", R"({"a": [1]})", R"("x")"}, {"", "a"}},
        Case{"true_is_anything", "true", {"1", "[]"}, {"a"}},
        Case{"zod",
             R"({"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
                 "properties":{"a":{"type":"string","description":"x","default":"y"}},
                 "required":["a"],"additionalProperties":false,"title":"T","x-order":1})",
             {R"({"a": "b"})"},
             {"{}"}}),
    [](const auto& tested) { return tested.param.name; });

class SchemaGrammar : public Matching {};

TEST_F(SchemaGrammar, StrictNamesTheKeywordThatCannotBeEnforced) {
  for (const auto& [keyword, schema] : std::vector<std::pair<std::string, std::string>>{
           {"not", R"({"not":{"type":"string"}})"},
           {"if", R"({"type":"integer","if":{"minimum":3}})"},
           {"uniqueItems", R"({"type":"array","uniqueItems":true})"},
           {"contains", R"({"type":"array","contains":{"const":1}})"},
           {"dependentRequired", R"({"type":"object","dependentRequired":{"a":["b"]}})"},
           {"unevaluatedProperties", R"({"type":"object","unevaluatedProperties":false})"},
           {"frobnicate", R"({"type":"object","properties":{"a":{"frobnicate":1}}})"},
           {"format", R"({"type":"string","format":"regex"})"},
           {"pattern", R"({"type":"string","pattern":"(?=a)b"})"},
           {"minLength", R"({"type":"string","pattern":"a","minLength":3})"},
           {"maxLength", R"({"type":"string","format":"date","maxLength":3})"},
           {"multipleOf", R"({"type":"number","multipleOf":0.1})"},
           {"multipleOf", R"({"type":"integer","multipleOf":12345})"},
           {"oneOf", R"({"oneOf":[{"minimum":1},{"maximum":5}]})"},
           {"minProperties", R"({"properties":{"a":true,"b":true},"minProperties":1})"},
           {"maxProperties", R"({"properties":{"a":true,"b":true},"maxProperties":1})"},
           {"patternProperties", R"({"properties":{"a":true},"patternProperties":{"b":true}})"},
           {"minimum", R"({"enum":[1,2],"minimum":2})"},
           {"pattern", R"({"allOf":[{"pattern":"a"},{"pattern":"b"}]})"},
           {"additionalProperties",
            R"({"allOf":[{"properties":{"a":true},"additionalProperties":false},
                         {"properties":{"b":true}}]})"}}) {
    EXPECT_THAT(schema_refusal(schema), HasSubstr('"' + keyword + '"')) << schema;
    EXPECT_EQ(schema_refusal(schema, /*strict=*/false), "") << schema;
  }
}

TEST_F(SchemaGrammar, SaysWhereTheFaultIs) {
  EXPECT_THAT(schema_refusal(R"({"properties":{"a":{"properties":{"b":{"type":"text"}}}}})"),
              HasSubstr("#/properties/a/properties/b"));
}

TEST_F(SchemaGrammar, RefusesWhatAllowsNoValueOrIsBroken) {
  for (const std::string schema :
       {"",
        "{",
        "1",
        "[]",
        "false",
        R"({"type":"text"})",
        R"({"type":3})",
        R"({"type":[]})",
        R"({"enum":[]})",
        R"({"enum":3})",
        R"({"type":"string","enum":[1]})",
        R"({"type":"integer","minimum":3,"maximum":2})",
        R"({"type":"integer","exclusiveMinimum":2,"exclusiveMaximum":3})",
        R"({"type":"number","exclusiveMinimum":2,"maximum":2})",
        R"({"type":"integer","minimum":"1"})",
        R"({"minLength":3,"maxLength":2})",
        R"({"minLength":-1})",
        R"({"minLength":1.5})",
        R"({"minItems":3,"maxItems":2})",
        R"({"items":false,"minItems":1})",
        R"({"anyOf":[]})",
        R"({"anyOf":[false]})",
        R"({"anyOf":3})",
        R"({"allOf":3})",
        R"({"allOf":[false]})",
        R"({"properties":3})",
        R"({"properties":{"a":3}})",
        R"({"properties":{"a":false},"required":["a"]})",
        R"({"required":3})",
        R"({"required":[3]})",
        R"({"required":["a"],"additionalProperties":false})",
        R"({"prefixItems":3})",
        R"({"$ref":3})",
        R"({"$ref":"#/nowhere"})",
        R"({"$ref":"http://example.org/schema"})",
        R"({"$ref":"#"})",
        R"({"anyOf":[{"$ref":"#"},{"type":"null"}]})",
        R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"})",
        R"({"allOf":[{"$ref":"#"}]})",
        R"({"multipleOf":0,"type":"integer"})",
        R"({"pattern":3,"type":"string"})",
        R"({"type":"string","format":{}})"}) {
    EXPECT_NE(schema_refusal(schema), "") << schema;
    EXPECT_NE(schema_refusal(schema, /*strict=*/false), "") << schema;
  }
}

TEST_F(SchemaGrammar, FindsAReferenceThatLeadsBackWhicheverWayItIsReached) {
  EXPECT_THAT(schema_refusal(R"({"$defs":{
          "b":{"anyOf":[{"type":"object","properties":{"x":{"$ref":"#/$defs/a"}}},{"$ref":"#/$defs/a"}]},
          "a":{"anyOf":[{"$ref":"#/$defs/b"},{"type":"integer"}]}},"$ref":"#/$defs/b"})"),
              HasSubstr("leads back"));
}

TEST_F(SchemaGrammar, RefusesHostileSizesAtOnce) {
  const auto nested = [](const std::string& open, const std::string& close, int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += open;
    text += "true";
    for (int i = 0; i < depth; ++i) text += close;
    return text;
  };
  EXPECT_NE(schema_refusal(nested(R"({"items":)", "}", 100)), "");
  EXPECT_NE(schema_refusal(nested(R"({"items":)", "}", 100'000)), "");
  EXPECT_NE(schema_refusal(nested(R"({"allOf":[)", "]}", 90)), "");
  EXPECT_NE(schema_refusal(std::string(1 << 20, ' ')), "");
  EXPECT_NE(schema_refusal(R"({"type":"string","minLength":1000000000})"), "");
  EXPECT_NE(schema_refusal(R"({"type":"array","minItems":1e18})"), "");
  EXPECT_NE(schema_refusal(R"({"type":"string","pattern":"^(a{1000}){1000}$"})"), "");
  EXPECT_NE(schema_refusal(R"({"type":"string","pattern":")" + std::string(5000, 'a') + "\"}"), "");
}

TEST_F(SchemaGrammar, CountsFarWithoutTakingLong) {
  EXPECT_TRUE(accepts(schema(R"({"type":"string","maxLength":1000000000})"), R"("abc")"));
  const std::string text = '"' + std::string(5000, 'x') + '"';
  EXPECT_TRUE(accepts(schema(R"({"type":"string","minLength":5000,"maxLength":5000})"), text));
  EXPECT_FALSE(accepts(schema(R"({"type":"string","minLength":5001})"), text));
}

TEST_F(SchemaGrammar, WithoutStrictIgnoresWhatOnlyForbidsMore) {
  const Grammar grammar = schema(
      R"({"type":"array","items":{"type":"integer","not":{"const":3}},"uniqueItems":true})", false);
  EXPECT_TRUE(accepts(grammar, "[3, 3]"));
  EXPECT_FALSE(accepts(grammar, R"(["a"])"));
}

TEST_F(SchemaGrammar, AnyObjectIsAnObject) {
  const Grammar grammar = compiled({Kind::JsonObject, ""});
  EXPECT_TRUE(accepts(grammar, R"({"a": [1, {"b": null}], "c": "d"})"));
  for (const char* text : {"[]", "1", "null", "{} ", " {}", "{}{}", "```"}) {
    EXPECT_FALSE(accepts(grammar, text)) << text;
  }
}

}  // namespace
}  // namespace shimmy::grammar
