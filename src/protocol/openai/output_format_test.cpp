#include "protocol/openai/output_format.h"

#include <gtest/gtest.h>

#include "protocol/openai/chat_request.h"
#include "support/refusal.h"

namespace shimmy::protocol::openai {
namespace {

using generation::Constraint;
using Kind = Constraint::Kind;

base::Result<ChatRequest> decode(const std::string& members) {
  return decode_chat_request(R"({"model":"m","messages":[{"role":"user","content":"hi"}],)" +
                             members + "}");
}

Constraint constraint(const std::string& members) {
  const auto request = decode(members);
  EXPECT_TRUE(request) << members << ": " << (request ? "" : request.error().message);
  return request ? request->conversation.output : Constraint();
}

void expect_refused(const std::string& members, const std::string& param,
                    const std::string& reason) {
  support::expect_refused(decode(members), members, param, reason);
}

TEST(OutputFormat, IsFreeTextUnlessAskedFor) {
  EXPECT_EQ(constraint(R"("response_format":{"type":"text"})"), Constraint());
  EXPECT_EQ(constraint(R"("response_format":null,"grammar":"","guided_regex":null)"), Constraint());
}

TEST(OutputFormat, So1_IsAnyObject) {
  EXPECT_EQ(constraint(R"("response_format":{"type":"json_object"})"),
            (Constraint{Kind::JsonObject, ""}));
}

TEST(OutputFormat, So2_IsASchemaInTheOrderItIsWritten) {
  EXPECT_EQ(constraint(R"("response_format":{"type":"json_schema","json_schema":{"name":"x",)"
                       R"("strict":true,"schema":{"type":"object","b":1,"a":2}}})"),
            (Constraint{Kind::JsonSchema, R"({"type":"object","b":1,"a":2})", true}));
  EXPECT_EQ(constraint(R"("response_format":{"type":"json_schema","json_schema":{"name":"x"}})"),
            (Constraint{Kind::JsonObject, ""}));
}

TEST(OutputFormat, IsReadAsOtherServersSpellIt) {
  const Constraint schema{Kind::JsonSchema, R"({"type":"object"})"};
  EXPECT_EQ(constraint(R"("response_format":{"type":"json_object","schema":{"type":"object"}})"),
            schema);
  EXPECT_EQ(constraint(R"("json_schema":{"type":"object"})"), schema);
  EXPECT_EQ(constraint(R"("guided_json":{"type":"object"})"), schema);
  EXPECT_EQ(constraint(R"("guided_json":"{\"type\":\"object\"}")").text, schema.text);
  EXPECT_EQ(constraint(R"("structured_outputs":{"json":{"type":"object"}})"), schema);
  EXPECT_EQ(constraint(R"("structured_outputs":{"json_object":true})").kind, Kind::JsonObject);
  EXPECT_EQ(constraint(R"("guided_regex":"a+")"), (Constraint{Kind::Regex, "a+", true}));
  EXPECT_EQ(constraint(R"("grammar":"root ::= \"x\"")"),
            (Constraint{Kind::Gbnf, "root ::= \"x\"", true}));
}

TEST(OutputFormat, IsOneOfSeveralTexts) {
  EXPECT_EQ(constraint(R"("guided_choice":["yes","n\"o\\","a\nb"])").text,
            R"(root ::= "yes" | "n\"o\\" | "a\nb")");
}

TEST(OutputFormat, IsRefusedByItsPath) {
  expect_refused(R"("response_format":"text")", "response_format", "invalid_type");
  expect_refused(R"("response_format":{})", "response_format.type", "missing_required_parameter");
  expect_refused(R"("response_format":{"type":"xml"})", "response_format.type", "invalid_value");
  expect_refused(R"("response_format":{"type":"json_schema"})", "response_format.json_schema",
                 "missing_required_parameter");
  expect_refused(R"("response_format":{"type":"json_schema","json_schema":{"schema":"x"}})",
                 "response_format.json_schema.schema", "invalid_type");
  expect_refused(R"("guided_choice":[])", "guided_choice", "empty_array");
  expect_refused(R"("guided_choice":["a",1])", "guided_choice[1]", "invalid_type");
  expect_refused(R"("guided_regex":7)", "guided_regex", "invalid_type");
}

TEST(OutputFormat, CannotBeTwoThings) {
  expect_refused(R"("response_format":{"type":"json_object"},"grammar":"root ::= \"x\"")",
                 "grammar", "invalid_value");
}

TEST(OutputFormat, KnowsTheFieldThatAskedForIt) {
  EXPECT_EQ(constraint(R"("guided_regex":"a+")").field, "guided_regex");
  const Constraint named = constraint(
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}})");
  EXPECT_EQ(named.field, "response_format");
  EXPECT_EQ(named.label, "response_format 'n'");
}

}  // namespace
}  // namespace shimmy::protocol::openai
