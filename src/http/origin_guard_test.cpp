#include "http/origin_guard.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace shimmy::http {
namespace {

bool passes(const std::string& method, std::vector<Header> headers) {
  headers.push_back({"Host", "localhost:11435"});
  Request request;
  request.method = method;
  request.headers = std::move(headers);
  const Verdict verdict = origin_guard(AllowedOrigins({"https://ours.example"}))(request);
  EXPECT_FALSE(verdict.answer);
  EXPECT_EQ(verdict.problem.value_or(Problem{.status = 403}).status, 403);
  return !verdict.problem;
}

TEST(OriginGuard, LetsReadingMethodsPassWhateverTheOrigin) {
  for (const std::string method : {"GET", "HEAD", "OPTIONS"}) {
    EXPECT_TRUE(passes(method, {{"Origin", "https://evil.example"}})) << method;
  }
}

TEST(OriginGuard, Http11_KeepsForeignPagesFromChangingThings) {
  for (const std::string method : {"POST", "DELETE", "PUT", "PATCH", "BREW"}) {
    EXPECT_FALSE(passes(method, {{"Origin", "https://evil.example"}})) << method;
    EXPECT_FALSE(passes(method, {{"Origin", "null"}})) << method;
    EXPECT_TRUE(passes(method, {{"Origin", "https://ours.example"}})) << method;
    EXPECT_TRUE(passes(method, {{"Origin", "http://localhost:3000"}})) << method;
    EXPECT_TRUE(passes(method, {})) << method;
  }
}

TEST(OriginGuard, Http11_KeepsForeignPagesFromOpeningWebSockets) {
  EXPECT_FALSE(passes("GET", {{"Upgrade", "websocket"}, {"Origin", "https://evil.example"}}));
  EXPECT_TRUE(passes("GET", {{"Upgrade", "websocket"}, {"Origin", "https://ours.example"}}));
  EXPECT_TRUE(passes("GET", {{"Upgrade", "websocket"}}));
}

TEST(OriginGuard, NamesTheOrigin) {
  Request request;
  request.method = "POST";
  request.headers = {{"Origin", "https://evil.example"}};
  const Verdict verdict = origin_guard(AllowedOrigins({}))(request);
  EXPECT_NE(verdict.problem.value_or(Problem{}).message.find("\"https://evil.example\""),
            std::string::npos);
}

}  // namespace
}  // namespace shimmy::http
