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

}  // namespace
}  // namespace shimmy::http
