#include "http/cors.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace shimmy::http {
namespace {

using Headers = std::map<std::string, std::string>;

Request request_of(const std::string& method, std::vector<Header> headers) {
  Request request;
  request.method = method;
  request.path = "/any/path";
  request.headers = std::move(headers);
  return request;
}

Verdict asked(const std::string& method, std::vector<Header> headers) {
  Request request = request_of(method, std::move(headers));
  return cors(AllowedOrigins({"https://ours.example"}))(request);
}

Headers headers_of(const Verdict& verdict) {
  Headers headers;
  for (const Header& header : verdict.headers) headers[header.name] = header.value;
  EXPECT_EQ(headers.size(), verdict.headers.size());  // none twice
  return headers;
}

TEST(Cors, Http10_AnswersPreflightsWithWhatWasAskedFor) {
  const Verdict verdict =
      asked("OPTIONS",
            {{"Origin", "https://ours.example"},
             {"Access-Control-Request-Method", "POST"},
             {"Access-Control-Request-Headers", "authorization, content-type, x-stainless-os"}});
  EXPECT_EQ(verdict.answer.value_or(Response{}).status, 204);
  EXPECT_EQ(
      headers_of(verdict),
      (Headers{{"Vary", "Origin"},
               {"Access-Control-Allow-Origin", "https://ours.example"},
               {"Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"},
               {"Access-Control-Allow-Headers", "authorization, content-type, x-stainless-os"},
               {"Access-Control-Max-Age", "600"},
               {"Access-Control-Expose-Headers",
                "x-request-id, request-id, retry-after, mcp-session-id"}}));
}

TEST(Cors, E28_LetsPublicPagesReachThePrivateNetworkIfTheyAreAllowed) {
  const std::vector<Header> wish = {{"Access-Control-Request-Private-Network", "true"}};
  auto allowed = wish;
  allowed.push_back({"Origin", "https://ours.example"});
  EXPECT_EQ(headers_of(asked("OPTIONS", allowed))["Access-Control-Allow-Private-Network"], "true");
  auto foreign = wish;
  foreign.push_back({"Origin", "https://evil.example"});
  EXPECT_FALSE(
      headers_of(asked("OPTIONS", foreign)).contains("Access-Control-Allow-Private-Network"));
}

TEST(Cors, Http10_PromisesForeignPagesNothing) {
  for (const std::string origin :
       {"https://evil.example", "null", "http://localhost.evil.example"}) {
    const Verdict verdict = asked("OPTIONS", {{"Origin", origin}});
    EXPECT_EQ(verdict.answer.value_or(Response{}).status, 204);
    EXPECT_EQ(headers_of(verdict), (Headers{{"Vary", "Origin"}})) << origin;
  }
}

TEST(Cors, E30_NamesTheOriginInAnswersToAllowedPagesOnly) {
  for (const std::string method : {"GET", "POST"}) {
    const Verdict ours = asked(method, {{"Origin", "http://localhost:3000"}});
    EXPECT_FALSE(ours.answer || ours.problem);
    EXPECT_EQ(headers_of(ours)["Access-Control-Allow-Origin"], "http://localhost:3000");
    EXPECT_FALSE(headers_of(ours).contains("Access-Control-Allow-Credentials"));
    const Verdict theirs = asked(method, {{"Origin", "https://evil.example"}});
    EXPECT_FALSE(theirs.answer || theirs.problem);
    EXPECT_EQ(headers_of(theirs), (Headers{{"Vary", "Origin"}}));
  }
}

TEST(Cors, LeavesOptionsWithoutAnOriginToTheRoutes) {
  const Verdict verdict = asked("OPTIONS", {});
  EXPECT_FALSE(verdict.answer || verdict.problem);
}

}  // namespace
}  // namespace shimmy::http
