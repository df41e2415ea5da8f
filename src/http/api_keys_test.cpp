#include "http/api_keys.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace shimmy::http {
namespace {

const std::string kKey = "sk-0123456789abcdef0123456789abcdef";

struct Asked {
  Verdict verdict;
  std::string client;

  bool passes() const { return !verdict.problem && !verdict.answer; }
};

Asked ask(std::vector<Header> headers, const std::string& method = "POST",
          const std::string& path = "/v1/x") {
  Request request;
  request.method = method;
  request.path = path;
  request.client = "192.0.2.1";
  request.headers = std::move(headers);
  Asked asked;
  asked.verdict = api_keys({"another", kKey}, {"/", "/health"})(request);
  asked.client = request.client;
  return asked;
}

TEST(ApiKeys, E29_LetsInWhoKnowsAKey) {
  for (const std::vector<Header>& headers :
       std::vector<std::vector<Header>>{{{"Authorization", "Bearer " + kKey}},
                                        {{"authorization", "bearer  " + kKey + " "}},
                                        {{"x-api-key", kKey}},
                                        {{"API-Key", kKey}},
                                        {{"Authorization", "Bearer none"}, {"x-api-key", kKey}},
                                        {{"Authorization", "Basic eDp5"}, {"api-key", kKey}},
                                        {{"x-api-key", "another"}}}) {
    EXPECT_TRUE(ask(headers).passes()) << headers[0].name;
  }
}

TEST(ApiKeys, E29_KeepsEverybodyElseOut) {
  for (const std::vector<Header>& headers : std::vector<std::vector<Header>>{
           {},
           {{"Authorization", kKey}},
           {{"Authorization", "Basic " + kKey}},
           {{"Authorization", "Bearer"}},
           {{"Authorization", "Bearer "}},
           {{"Authorization", "Bearer " + kKey + "x"}},
           {{"Authorization", "Bearer " + kKey.substr(0, kKey.size() - 1)}},
           {{"Authorization", "Bearer SK-0123456789abcdef0123456789abcdef"}},
           {{"x-api-key", ""}},
           {{"x-api-key", fmt::format("{}, {}", kKey, kKey)}},
           {{"x-key", kKey}},
           {{"Cookie", "x-api-key=" + kKey}}}) {
    const Asked asked = ask(headers);
    EXPECT_EQ(asked.verdict.problem.value_or(Problem{}).status, 401);
    EXPECT_EQ(asked.verdict.problem.value_or(Problem{}).code, "invalid_api_key");
    EXPECT_EQ(asked.client, "192.0.2.1");
  }
}

TEST(ApiKeys, DoesNotTakeKeysFromTheUrl) {
  Request request;
  request.method = "GET";
  request.path = "/v1/x";
  request.query = "api_key=" + kKey;
  EXPECT_TRUE(api_keys({kKey}, {})(request).problem);
}

TEST(ApiKeys, ShowsOnlyTheBeginningOfAWrongKey) {
  const auto message = [](const std::string& key) {
    return ask({{"Authorization", "Bearer " + key}}).verdict.problem.value_or(Problem{}).message;
  };
  EXPECT_EQ(message("sk-wrong-key-that-is-long-enough"), "Incorrect API key provided: sk-wro….");
  EXPECT_EQ(message("12345678"), "Incorrect API key provided: 12….");
  EXPECT_EQ(message("123"), "Incorrect API key provided: ….");
}

TEST(ApiKeys, TellsHowToSendOne) {
  const Problem problem = ask({}).verdict.problem.value_or(Problem{});
  EXPECT_NE(problem.message.find("Authorization: Bearer"), std::string::npos);
  ASSERT_EQ(problem.headers.size(), 1U);
  EXPECT_EQ(problem.headers[0].name, "WWW-Authenticate");
}

TEST(ApiKeys, LeavesProbesAndPreflightsOpen) {
  EXPECT_TRUE(ask({}, "GET", "/health").passes());
  EXPECT_TRUE(ask({}, "HEAD", "/").passes());
  EXPECT_TRUE(ask({{"x-api-key", "wrong"}}, "GET", "/").passes());
  EXPECT_TRUE(ask({}, "OPTIONS", "/v1/x").passes());
  EXPECT_FALSE(ask({}, "POST", "/health").passes());
  EXPECT_FALSE(ask({}, "GET", "/health/x").passes());
  EXPECT_FALSE(ask({}, "GET", "/v1/x").passes());
}

TEST(ApiKeys, NamesTheClientWithoutTellingItsKey) {
  const std::string client = ask({{"x-api-key", kKey}}).client;
  EXPECT_EQ(client, client_of_key(kKey));
  EXPECT_TRUE(client.starts_with("key_"));
  EXPECT_EQ(client.size(), 12U);
  EXPECT_EQ(kKey.find(client.substr(4)), std::string::npos);
  EXPECT_NE(client, client_of_key("another"));
  EXPECT_EQ(client_of_key("abc"), "key_ba7816bf");  // the beginning of its SHA-256
}

}  // namespace
}  // namespace shimmy::http
