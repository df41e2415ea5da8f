#include "http/router.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shimmy::http {
namespace {

Router router_of(const std::vector<std::pair<std::string, std::string>>& routes) {
  std::vector<Route> table;
  for (const auto& [method, pattern] : routes) {
    table.push_back({method, pattern, [](const std::shared_ptr<Exchange>&) {}});
  }
  return Router(std::move(table));
}

std::string found(const Router& router, std::string_view method, std::string_view path) {
  const Router::Match match = router.match(method, path);
  return match.route == nullptr ? "" : match.route->method + " " + match.route->pattern;
}

TEST(Router, FindsTheRouteByMethodAndPath) {
  const Router router = router_of({{"GET", "/"}, {"GET", "/a/b"}, {"POST", "/a/b"}});
  EXPECT_EQ(found(router, "GET", "/"), "GET /");
  EXPECT_EQ(found(router, "GET", "/a/b"), "GET /a/b");
  EXPECT_EQ(found(router, "POST", "/a/b"), "POST /a/b");
}

TEST(Router, WantsTheWholePath) {
  const Router router = router_of({{"GET", "/a/b"}});
  for (const std::string_view path : {"/a", "/a/b/c", "/a/bb", "/", "", "a/b", "/A/b"}) {
    const Router::Match match = router.match("GET", path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_EQ(match.allow, "") << path;
  }
}

TEST(Router, TakesTheAsteriskForTheWholeServer) {
  const Router router =
      router_of({{"GET", "/a"}, {"POST", "/b/*"}, {"OPTIONS", "/b/*"}, {"GET", "*"}});
  for (const std::string_view method : {"GET", "OPTIONS", "POST", "HEAD"}) {
    EXPECT_EQ(router.match(method, "*").route, nullptr) << method;
    EXPECT_EQ(router.match(method, "*").allow, "GET, HEAD, POST, OPTIONS") << method;
  }
}

TEST(Router, CapturesOneOrMoreSegments) {
  const Router router = router_of({{"GET", "/v1/models/*"}});
  EXPECT_EQ(router.match("GET", "/v1/models/a").captures, std::vector<std::string>{"a"});
  EXPECT_EQ(router.match("GET", "/v1/models/org/a").captures, std::vector<std::string>{"org/a"});
  EXPECT_EQ(router.match("GET", "/v1/models").route, nullptr);
}

TEST(Router, CapturesInTheMiddle) {
  const Router router = router_of({{"POST", "/m/*/load"}, {"POST", "/x/*/y/*/z"}});
  EXPECT_EQ(router.match("POST", "/m/org/a/load").captures, std::vector<std::string>{"org/a"});
  EXPECT_EQ(router.match("POST", "/m/load/load").captures, std::vector<std::string>{"load"});
  EXPECT_EQ(router.match("POST", "/m/load").route, nullptr);
  EXPECT_EQ(router.match("POST", "/x/1/2/y/3/z").captures, (std::vector<std::string>{"1/2", "3"}));
  EXPECT_EQ(router.match("POST", "/x/y/y/y/z").captures, (std::vector<std::string>{"y", "y"}));
}

TEST(Router, TheFirstRouteThatFitsWins) {
  const Router router = router_of({{"GET", "/m/special"}, {"GET", "/m/*"}});
  EXPECT_EQ(found(router, "GET", "/m/special"), "GET /m/special");
  EXPECT_EQ(found(router, "GET", "/m/other"), "GET /m/*");
}

TEST(Router, GetAnswersHeadUnlessARouteDoes) {
  const Router router = router_of({{"GET", "/a"}, {"GET", "/b"}, {"HEAD", "/b"}, {"POST", "/c"}});
  EXPECT_EQ(found(router, "HEAD", "/a"), "GET /a");
  EXPECT_EQ(found(router, "HEAD", "/b"), "HEAD /b");
  EXPECT_EQ(found(router, "HEAD", "/c"), "");
}

TEST(Router, NamesTheMethodsOfAKnownPath) {
  const Router router = router_of({{"GET", "/a"}, {"POST", "/a"}, {"DELETE", "/*"}, {"GET", "/*"}});
  EXPECT_EQ(router.match("PUT", "/a").allow, "GET, HEAD, POST, DELETE");
  EXPECT_EQ(router.match("get", "/a").allow, "GET, HEAD, POST, DELETE");
  EXPECT_EQ(router.match("PUT", "/x").allow, "DELETE, GET, HEAD");
}

}  // namespace
}  // namespace shimmy::http
