#include "protocol/json/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace shimmy::protocol::json {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

boost::json::object object(std::string_view text) {
  auto parsed = parse_object(text);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed.value_or(boost::json::object());
}

std::string nested(std::size_t arrays) {
  return "{\"a\":" + std::string(arrays, '[') + std::string(arrays, ']') + "}";
}

TEST(ParseObject, RefusesWhatIsNoJsonObject) {
  for (const std::string& body : std::vector<std::string>{"",
                                                          " \n",
                                                          "x",
                                                          "{",
                                                          "{\"a\":}",
                                                          "{\"a\":1,}",
                                                          "{'a':1}",
                                                          "[]",
                                                          "\"x\"",
                                                          "1",
                                                          "null",
                                                          "{} {}",
                                                          "{}x",
                                                          "{\"a\":NaN}",
                                                          "{\"a\":01}",
                                                          "{\"a\":\"\xFF\"}",
                                                          "{\"\xC0\xAF\":1}",
                                                          "{\"a\":\"\xED\xA0\x80\"}",
                                                          "{\"a\":\"\\ud800\"}",
                                                          "{\"a\":\"\n\"}",
                                                          std::string("{\"a\":1}\0", 8),
                                                          "{\"a\":tru}",
                                                          "/*c*/{}"}) {
    const auto parsed = parse_object(body);
    ASSERT_FALSE(parsed) << body;
    EXPECT_EQ(parsed.error().code, base::ErrorCode::InvalidRequest) << body;
    EXPECT_EQ(parsed.error().param, "") << body;
    EXPECT_EQ(parsed.error().reason, "") << body;
    EXPECT_THAT(parsed.error().message,
                StartsWith("We could not parse the JSON body of your request."))
        << body;
  }
}

TEST(ParseObject, SaysWhereItWentWrong) {
  EXPECT_THAT(parse_object("{\"a\":x}").error().message, HasSubstr("byte 5"));
  EXPECT_THAT(parse_object("{} x").error().message, HasSubstr("byte 3"));
  EXPECT_THAT(parse_object("").error().message, HasSubstr("empty"));
  EXPECT_THAT(parse_object("[]").error().message, HasSubstr("got an array instead"));
}

TEST(ParseObject, CapsTheDepth) {
  EXPECT_TRUE(parse_object(nested(kMaxDepth - 1)));
  const auto deep = parse_object(nested(kMaxDepth));
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().message, HasSubstr("deeper than 128"));
  EXPECT_FALSE(parse_object(std::string(1'000'000, '[')));
}

TEST(ParseObject, AllowsWhiteSpaceAround) { EXPECT_TRUE(parse_object(" \r\n{ }\t\n")); }

TEST(ParseObject, SurvivesManyKeysAndHugeNumbers) {
  std::string many = "{";
  for (int i = 0; i < 100'000; ++i) many += "\"k" + std::to_string(i) + "\":0,";
  many += "\"end\":1}";
  EXPECT_TRUE(parse_object(many));
  const auto huge = parse_object("{\"a\":" + std::string(10'000, '9') + "}");
  EXPECT_TRUE(!huge || huge->at("a").is_double());
}

TEST(Fields, TakesNullAsNotGiven) {
  const auto body = object(R"({"t":null,"f":null,"d":null,"i":null,"a":null,"o":null})");
  Fields fields(body);
  EXPECT_FALSE(fields.text("t"));
  EXPECT_FALSE(fields.flag("f"));
  EXPECT_FALSE(fields.decimal("d", 0, 1));
  EXPECT_FALSE(fields.integer("i", 0, 1));
  EXPECT_EQ(fields.array("a"), nullptr);
  EXPECT_EQ(fields.object("o"), nullptr);
  EXPECT_FALSE(fields.text("missing"));
  EXPECT_TRUE(fields.ok());
}

TEST(Fields, ReadsEveryKind) {
  const auto body = object(R"({"t":"x","f":true,"d":0.5,"di":1,"i":7,"a":[1],"o":{"k":1}})");
  Fields fields(body);
  EXPECT_EQ(fields.text("t"), "x");
  EXPECT_EQ(fields.flag("f"), true);
  EXPECT_EQ(fields.decimal("d", 0, 1), 0.5);
  EXPECT_EQ(fields.decimal("di", 0, 1), 1.0);
  EXPECT_EQ(fields.integer("i", 0, 9), 7);
  EXPECT_EQ(fields.array("a")->size(), 1U);
  EXPECT_EQ(fields.object("o")->size(), 1U);
  EXPECT_TRUE(fields.ok());
}

TEST(Fields, TakesWholeDecimalsAsIntegers) {
  const auto body = object(R"({"a":1.0,"b":-2e3,"c":1.5,"d":1e300,"e":9223372036854775808.0})");
  Fields fields(body);
  EXPECT_EQ(fields.integer("a", 0, 9), 1);
  EXPECT_EQ(fields.integer("b", -5000, 0), -2000);
  for (const char* key : {"c", "d", "e"}) {
    Fields each(body);
    EXPECT_FALSE(each.integer(key, 0, std::numeric_limits<std::int64_t>::max()));
    EXPECT_EQ(each.error()->reason, "invalid_type") << key;
  }
}

TEST(Fields, NamesWrongTypes) {
  struct Case {
    const char* json;
    const char* kind;
  };
  for (const Case& each :
       {Case{"1", "an integer"}, Case{"1.5", "a decimal"}, Case{"\"x\"", "a string"},
        Case{"true", "a boolean"}, Case{"[]", "an array"}, Case{"{}", "an object"}}) {
    const auto body = object(std::string("{\"k\":") + each.json + "}");
    const auto expect = [&](const Fields& fields, const char* wanted) {
      if (fields.ok()) return;  // this kind is the wanted one
      EXPECT_EQ(fields.error()->message, fmt::format("Invalid type for 'k': expected {}, but got "
                                                     "{} instead.",
                                                     wanted, each.kind));
      EXPECT_EQ(fields.error()->reason, "invalid_type");
      EXPECT_EQ(fields.error()->param, "k");
    };
    Fields text(body), flag(body), decimal(body), integer(body), array(body), members(body);
    text.text("k");
    flag.flag("k");
    decimal.decimal("k", 0, 9);
    integer.integer("k", 0, 9);
    array.array("k");
    members.object("k");
    expect(text, "a string");
    expect(flag, "a boolean");
    expect(decimal, "a decimal");
    expect(integer, "an integer");
    expect(array, "an array");
    expect(members, "an object");
    const int accepted =
        text.ok() + flag.ok() + decimal.ok() + integer.ok() + array.ok() + members.ok();
    EXPECT_EQ(accepted, std::string_view(each.kind) == "an integer" ? 2 : 1) << each.kind;
  }
}

TEST(Fields, NamesRanges) {
  struct Case {
    const char* json;
    const char* reason;
    const char* message;
  };
  for (const Case& each :
       {Case{"2.5", "decimal_above_max_value",
             "Invalid 'k': decimal above maximum value. Expected a value <= 2, but got 2.5 "
             "instead."},
        Case{"-0.1", "decimal_below_min_value",
             "Invalid 'k': decimal below minimum value. Expected a value >= 0, but got -0.1 "
             "instead."}}) {
    const auto body = object(std::string("{\"k\":") + each.json + "}");
    Fields fields(body);
    EXPECT_FALSE(fields.decimal("k", 0, 2));
    EXPECT_EQ(fields.error()->reason, each.reason);
    EXPECT_EQ(fields.error()->message, each.message);
  }
  for (const auto& [json, reason] :
       {std::pair{"0", "integer_below_min_value"}, std::pair{"11", "integer_above_max_value"},
        std::pair{"18446744073709551615", "integer_above_max_value"}}) {
    const auto body = object(std::string("{\"k\":") + json + "}");
    Fields fields(body);
    EXPECT_FALSE(fields.integer("k", 1, 10));
    EXPECT_EQ(fields.error()->reason, reason);
  }
}

TEST(Fields, KeepsTheFirstErrorAndReadsNothingMore) {
  const auto body = object(R"({"a":1,"b":2,"c":"x"})");
  Fields fields(body);
  fields.text("a");
  fields.text("b");
  EXPECT_EQ(fields.error()->param, "a");
  EXPECT_FALSE(fields.text("c"));
}

TEST(Fields, NamesMissingOnesByTheirPath) {
  const auto body = object("{}");
  Fields fields(body, "messages[3]");
  fields.required_text("role");
  EXPECT_EQ(fields.error()->message, "Missing required parameter: 'messages[3].role'.");
  EXPECT_EQ(fields.error()->param, "messages[3].role");
  EXPECT_EQ(fields.error()->reason, "missing_required_parameter");
}

TEST(Fields, RefusesEmptyRequiredArrays) {
  const auto body = object(R"({"messages":[]})");
  Fields fields(body);
  EXPECT_EQ(fields.required_array("messages"), nullptr);
  EXPECT_EQ(fields.error()->reason, "empty_array");
  EXPECT_EQ(fields.error()->message,
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.");
}

TEST(Fields, ListsSupportedValues) {
  const auto body = object("{}");
  Fields fields(body);
  constexpr std::string_view words[] = {"a", "b", "c"};
  fields.fail_value("k", "x", words);
  EXPECT_EQ(fields.error()->message,
            "Invalid value: 'x'. Supported values are: 'a', 'b', and 'c'.");
}

}  // namespace
}  // namespace shimmy::protocol::json
