#include "http/host_guard.h"

#include <gtest/gtest.h>

#include <string_view>

namespace shimmy::http {
namespace {

TEST(HostGuard, AllowsNamesOfThisMachine) {
  for (const std::string_view host :
       {"127.0.0.1", "127.0.0.1:11435", "127.1.2.3:1", "[::1]", "[::1]:11435", "localhost",
        "LocalHost:3000", "app.localhost", "a.b.localhost:8080", "localhost.", ""}) {
    EXPECT_TRUE(is_host_allowed({}, host)) << host;
  }
}

TEST(HostGuard, RefusesEveryOtherName) {
  for (const std::string_view host : {"evil.example",
                                      "evil.example:11435",
                                      "localhost.evil.example",
                                      "127.0.0.1.evil.example",
                                      "127.0.0.1@evil.example",
                                      "evil.example/127.0.0.1",
                                      "notlocalhost",
                                      ".localhost",
                                      "0.0.0.0",
                                      "192.168.1.2",
                                      "128.0.0.1",
                                      "127.0.0",
                                      "127.0.0.1.1",
                                      "127.0.0.x",
                                      "127.0.0.",
                                      "[::2]",
                                      "[::1",
                                      "::1",
                                      "127.0.0.1:x",
                                      "localhost:80:80",
                                      "2130706433",
                                      "localhost, evil.example",
                                      "127.0.0.0001"}) {
    EXPECT_FALSE(is_host_allowed({}, host)) << host;
  }
}

TEST(HostGuard, AllowsTheMachinesOwnName) {
  const HostRules rules{.machine_name = "box", .also = {}};
  for (const std::string_view host :
       {"box", "BOX:11435", "box.local", "box.local.", "Box.Local:1"}) {
    EXPECT_TRUE(is_host_allowed(rules, host)) << host;
  }
  for (const std::string_view host : {"bo", "boxy", "box.evil.example", "my.box", "box.locale"}) {
    EXPECT_FALSE(is_host_allowed(rules, host)) << host;
  }
}

TEST(HostGuard, AllowsTheNamesItWasConfiguredWith) {
  const HostRules rules{.machine_name = "", .also = {"llm.example", "192.168.1.2", "fd00::1"}};
  for (const std::string_view host :
       {"llm.example", "LLM.example:443", "192.168.1.2:11435", "[fd00::1]:11435", "localhost"}) {
    EXPECT_TRUE(is_host_allowed(rules, host)) << host;
  }
  for (const std::string_view host : {"x.llm.example", "example", "192.168.1.20", ".local", "["}) {
    EXPECT_FALSE(is_host_allowed(rules, host)) << host;
  }
  EXPECT_TRUE(is_host_allowed({.machine_name = "", .also = {"*"}}, "evil.example"));
}

TEST(HostGuard, Http11_AnswersAForeignHostWith403) {
  const Middleware guard = host_guard({});
  Request request;
  request.headers = {{"Host", "evil.example"}};
  const Verdict verdict = guard(request);
  EXPECT_EQ(verdict.problem.value_or(Problem{}).status, 403);
  EXPECT_NE(verdict.problem.value_or(Problem{}).message.find("\"evil.example\""),
            std::string::npos);
  request.headers = {{"Host", "localhost"}};
  EXPECT_FALSE(guard(request).problem);
}

}  // namespace
}  // namespace shimmy::http
