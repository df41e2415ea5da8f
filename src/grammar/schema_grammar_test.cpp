#include "grammar/schema_grammar.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "grammar/matching_fixture.h"

namespace shimmy::grammar {
namespace {

using testing::HasSubstr;

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
  std::string accents;
  for (int i = 0; i < 300; ++i) accents += "é";
  EXPECT_TRUE(accepts(schema(R"({"type":"string","maxLength":300})"), '"' + accents + '"'));
  EXPECT_FALSE(accepts(schema(R"({"type":"string","maxLength":300})"), '"' + accents + "x\""));
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
