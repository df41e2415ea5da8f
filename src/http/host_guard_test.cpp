#include "http/host_guard.h"

#include <gtest/gtest.h>

#include <string_view>

namespace shimmy::http {
namespace {

TEST(HostGuard, TakesAuthoritiesApart) {
  EXPECT_EQ(host_name("localhost:11435"), "localhost");
  EXPECT_EQ(host_name(" localhost "), "localhost");
  EXPECT_EQ(host_name("[::1]:80"), "::1");
  EXPECT_EQ(host_name("[::1]"), "::1");
  EXPECT_EQ(host_name("a.example"), "a.example");
  EXPECT_EQ(host_name("a:"), "a");
  for (const std::string_view broken : {"", "[::1", "[::1]x", "a:b", "a:80:90", "::1", "[::1]80"}) {
    EXPECT_EQ(host_name(broken), "") << broken;
  }
}

TEST(HostGuard, AllowsNamesOfThisMachine) {
  for (const std::string_view host :
       {"127.0.0.1", "127.0.0.1:11435", "127.1.2.3:1", "[::1]", "[::1]:11435", "localhost",
        "LocalHost:3000", "app.localhost", "a.b.localhost:8080", "localhost.", ""}) {
    EXPECT_TRUE(is_host_allowed(host)) << host;
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
    EXPECT_FALSE(is_host_allowed(host)) << host;
  }
}

TEST(HostGuard, LetsReadingMethodsPassWhateverTheOrigin) {
  for (const std::string_view method : {"GET", "HEAD", "OPTIONS"}) {
    EXPECT_TRUE(is_origin_allowed(method, "https://evil.example", "localhost")) << method;
  }
}

TEST(HostGuard, AllowsLocalPagesAndApplicationsToChangeThings) {
  for (const std::string_view origin :
       {"", "http://localhost", "http://localhost:3000", "https://127.0.0.1:8443",
        "http://[::1]:5173", "http://app.localhost", "vscode-webview://1a2b", "app://obsidian.md",
        "tauri://localhost", "file://", "HTTP://LOCALHOST:1"}) {
    EXPECT_TRUE(is_origin_allowed("POST", origin, "localhost:11435")) << origin;
  }
}

TEST(HostGuard, RefusesForeignPagesToChangeThings) {
  for (const std::string_view origin :
       {"https://evil.example", "http://localhost.evil.example", "http://evil.example:11435",
        "null", "http://", "localhost", "chrome-extension://x", "http://evil.example/localhost",
        "ftp://localhost", "http://localhost@evil.example", "http://127.0.0.1.evil.example"}) {
    for (const std::string_view method : {"POST", "DELETE", "PUT", "PATCH", "BREW"}) {
      EXPECT_FALSE(is_origin_allowed(method, origin, "localhost:11435")) << method << " " << origin;
    }
  }
}

TEST(HostGuard, AllowsTheServersOwnOrigin) {
  EXPECT_TRUE(is_origin_allowed("POST", "http://192.168.1.2:11435", "192.168.1.2:11435"));
  EXPECT_FALSE(is_origin_allowed("POST", "http://192.168.1.2:80", "192.168.1.2:11435"));
  EXPECT_FALSE(is_origin_allowed("POST", "http://", ""));
}

}  // namespace
}  // namespace shimmy::http
