#include "http/origin.h"

#include <gtest/gtest.h>

#include <string_view>

namespace shimmy::http {
namespace {

TEST(AllowedOrigins, AreLocalPagesAndApplications) {
  const AllowedOrigins origins({});
  for (const std::string_view origin :
       {"http://localhost", "http://localhost:3000", "https://127.0.0.1:8443", "http://[::1]:5173",
        "http://app.localhost", "vscode-webview://1a2b", "app://obsidian.md", "tauri://localhost",
        "file://", "HTTP://LOCALHOST:1"}) {
    EXPECT_TRUE(origins.allow(origin, "localhost:11435")) << origin;
  }
}

TEST(AllowedOrigins, AreNoForeignPages) {
  const AllowedOrigins origins({});
  for (const std::string_view origin :
       {"https://evil.example", "http://localhost.evil.example", "http://evil.example:11435",
        "null", "", "http://", "localhost", "chrome-extension://x", "http://evil.example/localhost",
        "ftp://localhost", "http://localhost@evil.example", "http://127.0.0.1.evil.example"}) {
    EXPECT_FALSE(origins.allow(origin, "localhost:11435")) << origin;
  }
}

TEST(AllowedOrigins, AreTheServersOwnPages) {
  const AllowedOrigins origins({});
  EXPECT_TRUE(origins.allow("http://192.168.1.2:11435", "192.168.1.2:11435"));
  EXPECT_FALSE(origins.allow("http://192.168.1.2:80", "192.168.1.2:11435"));
  EXPECT_FALSE(origins.allow("http://", ""));
}

TEST(AllowedOrigins, AreThoseOfTheConfiguration) {
  const AllowedOrigins origins({"https://app.example", "https://*.corp.example", "http://x:*"});
  for (const std::string_view origin :
       {"https://app.example", "HTTPS://App.Example", "https://a.corp.example",
        "https://a.b.corp.example", "http://x:8080"}) {
    EXPECT_TRUE(origins.allow(origin, "")) << origin;
  }
  for (const std::string_view origin :
       {"http://app.example", "https://app.example:8443", "https://app.example.evil",
        "https://corp.example", "https://evil/.corp.example", "https://", "http://x",
        "http://x:1/"}) {
    EXPECT_FALSE(origins.allow(origin, "")) << origin;
  }
  EXPECT_TRUE(AllowedOrigins({"*"}).allow("https://evil.example", ""));
}

}  // namespace
}  // namespace shimmy::http
