#include "http/host_name.h"

#include <gtest/gtest.h>

#include <string_view>

namespace shimmy::http {
namespace {

TEST(HostName, TakesAuthoritiesApart) {
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

TEST(HostName, KnowsLoopbackInEverySpelling) {
  for (const std::string_view host :
       {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "::FFFF:127.0.0.1", "localhost",
        "LOCALHOST.", "a.localhost"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const std::string_view host :
       {"", "::2", "::ffff:192.168.1.1", "::ffff:localhost", "::ffff:", "10.0.0.1",
        "127.0.0.1.example", "localhost.example"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

}  // namespace
}  // namespace shimmy::http
