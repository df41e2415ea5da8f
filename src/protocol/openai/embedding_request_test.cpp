#include "protocol/openai/embedding_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/refusal.h"

namespace shimmy::protocol::openai {
namespace {

using generation::Token;
using testing::ElementsAre;
using testing::HasSubstr;

EmbeddingRequest decode(const std::string& body) {
  auto request = decode_embedding_request(body);
  EXPECT_TRUE(request) << body << ": " << (request ? "" : request.error().message);
  return request.value_or(EmbeddingRequest());
}

EmbeddingRequest decode_input(const std::string& input) {
  return decode(R"({"model":"m","input":)" + input + "}");
}

void expect_refused(const std::string& body, const std::string& param, const std::string& reason) {
  support::expect_refused(decode_embedding_request(body), body, param, reason);
}

std::string text(const TextOrTokens& input) { return std::get<std::string>(input); }
std::vector<Token> tokens(const TextOrTokens& input) { return std::get<std::vector<Token>>(input); }

TEST(EmbeddingRequest, AStringIsOneInput) {
  const EmbeddingRequest request = decode_input(R"("hello")");
  EXPECT_EQ(request.model, "m");
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_EQ(text(request.inputs[0]), "hello");
  EXPECT_FALSE(request.is_base64);
  EXPECT_FALSE(request.dimensions);
}

TEST(EmbeddingRequest, StringsAreInputsInOrder) {
  const EmbeddingRequest request = decode_input(R"(["a","b"," "])");
  ASSERT_EQ(request.inputs.size(), 3U);
  EXPECT_EQ(text(request.inputs[0]), "a");
  EXPECT_EQ(text(request.inputs[2]), " ");
}

TEST(EmbeddingRequest, AListOfTokensIsOneInput) {
  const EmbeddingRequest request = decode_input("[101, 7592, 102]");
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_THAT(tokens(request.inputs[0]), ElementsAre(101, 7592, 102));
}

TEST(EmbeddingRequest, ListsOfTokensAreInputs) {
  const EmbeddingRequest request = decode_input("[[1],[2,3]]");
  ASSERT_EQ(request.inputs.size(), 2U);
  EXPECT_THAT(tokens(request.inputs[1]), ElementsAre(2, 3));
}

TEST(EmbeddingRequest, ReadsTheFormatAndDimensions) {
  EXPECT_TRUE(decode(R"({"model":"m","input":"a","encoding_format":"base64"})").is_base64);
  EXPECT_FALSE(decode(R"({"model":"m","input":"a","encoding_format":"float"})").is_base64);
  EXPECT_EQ(decode(R"({"model":"m","input":"a","dimensions":256})").dimensions, 256U);
}

TEST(EmbeddingRequest, NullIsAsNotGiven) {
  const EmbeddingRequest request =
      decode(R"({"model":"m","input":"a","encoding_format":null,"dimensions":null,"user":null})");
  EXPECT_FALSE(request.is_base64);
  EXPECT_FALSE(request.dimensions);
}

TEST(EmbeddingRequest, IgnoresUnknownFields) {
  EXPECT_EQ(decode(R"({"model":"m","input":"a","user":"u","foo":[1]})").inputs.size(), 1U);
}

TEST(EmbeddingRequest, RefusesWhatIsNoRequest) {
  EXPECT_FALSE(decode_embedding_request(""));
  EXPECT_FALSE(decode_embedding_request("[]"));
  EXPECT_FALSE(decode_embedding_request(R"({"model":"m","input":"a")"));
  expect_refused(R"({"input":"a"})", "", "");
  expect_refused(R"({"model":1,"input":"a"})", "model", "invalid_type");
}

TEST(EmbeddingRequest, RefusesMissingAndEmptyInput) {
  expect_refused(R"({"model":"m"})", "input", "missing_required_parameter");
  expect_refused(R"({"model":"m","input":null})", "input", "missing_required_parameter");
  expect_refused(R"({"model":"m","input":""})", "input", "empty_string");
  expect_refused(R"({"model":"m","input":["a",""]})", "input[1]", "empty_string");
  expect_refused(R"({"model":"m","input":[]})", "input", "empty_array");
  expect_refused(R"({"model":"m","input":[[1],[]]})", "input[1]", "empty_array");
}

TEST(EmbeddingRequest, RefusesMixedAndWrongTypes) {
  expect_refused(R"({"model":"m","input":["a",1]})", "input[1]", "invalid_type");
  expect_refused(R"({"model":"m","input":[1,"a"]})", "input[1]", "invalid_type");
  expect_refused(R"({"model":"m","input":["a",[1]]})", "input[1]", "invalid_type");
  expect_refused(R"({"model":"m","input":[[1],2]})", "input[1]", "invalid_type");
  expect_refused(R"({"model":"m","input":[[1,"a"]]})", "input[0][1]", "invalid_type");
  expect_refused(R"({"model":"m","input":[1.5]})", "input[0]", "invalid_type");
  expect_refused(R"({"model":"m","input":[-1]})", "input[0]", "invalid_type");
  expect_refused(R"({"model":"m","input":[[[1]]]})", "input[0][0]", "invalid_type");
  expect_refused(R"({"model":"m","input":{"text":"a"}})", "input", "invalid_type");
  expect_refused(R"({"model":"m","input":5})", "input", "invalid_type");
  expect_refused(R"({"model":"m","input":[null]})", "input[0]", "invalid_type");
  expect_refused(R"({"model":"m","input":"a","user":1,"encoding_format":1})", "encoding_format",
                 "invalid_type");
}

TEST(EmbeddingRequest, TakesUpTo2048Inputs) {
  const auto many = [](int count) {
    std::string list = R"(["a")";
    for (int i = 1; i < count; ++i) list += R"(,"a")";
    return R"({"model":"m","input":)" + list + "]}";
  };
  EXPECT_EQ(decode(many(2048)).inputs.size(), 2048U);
  expect_refused(many(2049), "input", "array_above_max_length");
}

TEST(EmbeddingRequest, AListOfTokensMayBeLonger) {
  std::string list = "[1";
  for (int i = 1; i < 5000; ++i) list += ",1";
  EXPECT_EQ(tokens(decode_input(list + "]").inputs.at(0)).size(), 5000U);
}

TEST(EmbeddingRequest, RefusesOtherFormatsAndDimensions) {
  const auto with = [](const std::string& member) {
    return R"({"model":"m","input":"a",)" + member + "}";
  };
  expect_refused(with(R"("encoding_format":"int8")"), "encoding_format", "invalid_value");
  expect_refused(with(R"("dimensions":0)"), "dimensions", "integer_below_min_value");
  expect_refused(with(R"("dimensions":-5)"), "dimensions", "integer_below_min_value");
  expect_refused(with(R"("dimensions":99999999999)"), "dimensions", "integer_above_max_value");
  expect_refused(with(R"("dimensions":1.5)"), "dimensions", "invalid_type");
  expect_refused(with(R"("dimensions":"8")"), "dimensions", "invalid_type");
}

TEST(EmbeddingRequest, ChecksDimensionsAgainstTheModels) {
  EmbeddingRequest request;
  request.model = "m";
  EXPECT_TRUE(check_dimensions(request, 8));
  request.dimensions = 8;
  EXPECT_TRUE(check_dimensions(request, 8));
  request.dimensions = 9;
  const auto refused = check_dimensions(request, 8);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param, "dimensions");
  EXPECT_EQ(refused.error().reason, "integer_above_max_value");
  EXPECT_THAT(refused.error().message, testing::AllOf(HasSubstr("9"), HasSubstr("8")));
}

}  // namespace
}  // namespace shimmy::protocol::openai
