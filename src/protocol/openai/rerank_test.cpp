#include "protocol/openai/rerank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/refusal.h"

namespace shimmy::protocol::openai {
namespace {

using testing::ElementsAre;

RerankRequest decode(const std::string& members) {
  const std::string body = R"({"model":"m","query":"q",)" + members + "}";
  auto request = decode_rerank_request(body);
  EXPECT_TRUE(request) << body << ": " << (request ? "" : request.error().message);
  return request.value_or(RerankRequest());
}

void expect_refused(const std::string& body, const std::string& param, const std::string& reason) {
  support::expect_refused(decode_rerank_request(body), body, param, reason);
}

TEST(RerankRequest, ReadsTexts) {
  const RerankRequest request = decode(R"("documents":["a","","b"])");
  EXPECT_EQ(request.model, "m");
  EXPECT_EQ(request.query, "q");
  EXPECT_THAT(request.documents, ElementsAre("a", "", "b"));
  EXPECT_EQ(request.top_n, 3U);
  EXPECT_FALSE(request.return_documents);
}

TEST(RerankRequest, ReadsObjectsWithATextAndMixesThem) {
  EXPECT_THAT(decode(R"("documents":[{"text":"a","id":1},"b"])").documents, ElementsAre("a", "b"));
}

TEST(RerankRequest, ReadsTheOptions) {
  const RerankRequest request =
      decode(R"("documents":["a","b"],"top_n":1,"return_documents":true,"foo":1)");
  EXPECT_EQ(request.top_n, 1U);
  EXPECT_TRUE(request.return_documents);
  EXPECT_EQ(decode(R"("documents":["a"],"top_n":null,"return_documents":null)").top_n, 1U);
}

TEST(RerankRequest, RefusesMissingAndEmptyFields) {
  expect_refused(R"({"query":"q","documents":["a"]})", "", "");
  expect_refused(R"({"model":"m","documents":["a"]})", "query", "missing_required_parameter");
  expect_refused(R"({"model":"m","query":"","documents":["a"]})", "query", "empty_string");
  expect_refused(R"({"model":"m","query":"q"})", "documents", "missing_required_parameter");
  expect_refused(R"({"model":"m","query":"q","documents":[]})", "documents", "empty_array");
}

TEST(RerankRequest, RefusesWrongTypes) {
  const auto with = [](const std::string& members) {
    return R"({"model":"m","query":"q",)" + members + "}";
  };
  expect_refused(R"({"model":"m","query":1,"documents":["a"]})", "query", "invalid_type");
  expect_refused(with(R"("documents":"a")"), "documents", "invalid_type");
  expect_refused(with(R"("documents":["a",1])"), "documents[1]", "invalid_type");
  expect_refused(with(R"("documents":[null])"), "documents[0]", "invalid_type");
  expect_refused(with(R"("documents":[{"text":1}])"), "documents[0].text", "invalid_type");
  expect_refused(with(R"("documents":[{}])"), "documents[0].text", "missing_required_parameter");
  expect_refused(with(R"("documents":["a"],"top_n":0)"), "top_n", "integer_below_min_value");
  expect_refused(with(R"("documents":["a"],"top_n":"1")"), "top_n", "invalid_type");
  expect_refused(with(R"("documents":["a"],"return_documents":1)"), "return_documents",
                 "invalid_type");
}

TEST(RerankRequest, RefusesTooManyDocuments) {
  std::string list = R"(["a")";
  for (std::size_t i = 1; i <= kMaxDocuments; ++i) list += R"(,"a")";
  expect_refused(R"({"model":"m","query":"q","documents":)" + list + "]}", "documents",
                 "array_above_max_length");
}

TEST(RerankAnswer, GivesTheBestFirst) {
  const RerankRequest request = decode(R"("documents":["a","b","c"])");
  EXPECT_EQ(encode_rerank_answer(request, {-1.5F, 0.25F, 0}, 12),
            R"({"model":"m","object":"list","usage":{"prompt_tokens":12,"total_tokens":12},)"
            R"("results":[{"index":1,"relevance_score":0.25},{"index":2,"relevance_score":0},)"
            R"({"index":0,"relevance_score":-1.5}]})");
}

TEST(RerankAnswer, KeepsTheOrderOfEqualOnes) {
  const RerankRequest request = decode(R"("documents":["a","b"])");
  EXPECT_THAT(encode_rerank_answer(request, {1, 1}, 1),
              testing::HasSubstr(R"([{"index":0,"relevance_score":1},{"index":1,)"));
}

TEST(RerankAnswer, GivesTopNAndTheDocumentsWhereAskedFor) {
  const RerankRequest request =
      decode(R"("documents":["a","say \"b\""],"top_n":1,"return_documents":true)");
  EXPECT_THAT(
      encode_rerank_answer(request, {1, 2}, 1),
      testing::EndsWith(
          R"("results":[{"index":1,"relevance_score":2,"document":{"text":"say \"b\""}}]})"));
}

TEST(RerankAnswer, MoreThanThereAreIsAll) {
  const RerankRequest request = decode(R"("documents":["a"],"top_n":50)");
  EXPECT_THAT(encode_rerank_answer(request, {3}, 1),
              testing::EndsWith(R"([{"index":0,"relevance_score":3}]})"));
}

}  // namespace
}  // namespace shimmy::protocol::openai
