#include "app/bind_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace shimmy::app {
namespace {

struct Case {
  const char* text;
  const char* host;
  int port;
};

class GoodBindAddress : public testing::TestWithParam<Case> {};

TEST_P(GoodBindAddress, IsTaken) {
  const auto address = parse_bind_address(GetParam().text);
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(address->host, GetParam().host);
  EXPECT_EQ(address->port, GetParam().port);
}

INSTANTIATE_TEST_SUITE_P(Texts, GoodBindAddress,
                         testing::Values(Case{"127.0.0.1:11435", "127.0.0.1", 11435},
                                         Case{"0.0.0.0", "0.0.0.0", 11435},
                                         Case{":8080", "127.0.0.1", 8080},
                                         Case{"localhost:0", "localhost", 0},
                                         Case{"[::1]:80", "::1", 80}, Case{"[::1]", "::1", 11435},
                                         Case{"::1", "::1", 11435}, Case{"::", "::", 11435},
                                         Case{"fe80::1%eth0", "fe80::1%eth0", 11435},
                                         Case{"my-box.local:65535", "my-box.local", 65535},
                                         Case{"auto", "127.0.0.1", 11435}));

class BadBindAddress : public testing::TestWithParam<const char*> {};

TEST_P(BadBindAddress, IsRefusedWithItsText) {
  const auto address = parse_bind_address(GetParam());
  ASSERT_FALSE(address) << address->host << " " << address->port;
  EXPECT_EQ(address.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_EQ(address.error().param, "bind");
  EXPECT_THAT(address.error().message, testing::HasSubstr(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Texts, BadBindAddress,
                         testing::Values("", ":", "host:", "host:port", "host:-1", "host:65536",
                                         "host:80x", "host: 80", "[::1", "[]:80", "[::1]80",
                                         "[::1]x:80", "http://localhost:80", "a b:80", "foo:1:2",
                                         ":::", "host:99999999999999999999", "unix:"));

TEST(BindAddress, IsWrittenAsItIsRead) {
  EXPECT_EQ(to_string({"127.0.0.1", 80}), "127.0.0.1:80");
  EXPECT_EQ(to_string({"::1", 80}), "[::1]:80");
}

TEST(BindAddress, GivesUrlThatCanBeReached) {
  EXPECT_EQ(base_url({"0.0.0.0", 80}), "http://127.0.0.1:80");
  EXPECT_EQ(base_url({"::", 80}), "http://[::1]:80");
  EXPECT_EQ(base_url({"example.org", 80}), "http://example.org:80");
}

TEST(BindAddress, TakesThePathOfAUnixSocket) {
  for (const std::string path : {"/run/shimmy.sock", "relative.sock", "/odd: path", "8080"}) {
    const auto address = parse_bind_address("unix:" + path);
    ASSERT_TRUE(address) << address.error().message;
    EXPECT_EQ(address->unix_path, path);
    EXPECT_EQ(to_string(*address), "unix:" + path);
    EXPECT_EQ(base_url(*address), "http://localhost");
    EXPECT_TRUE(is_loopback(*address));
  }
}

TEST(BindAddress, KnowsLoopback) {
  EXPECT_TRUE(is_loopback({}));
  EXPECT_TRUE(is_loopback({"127.1.2.3", 1}));
  EXPECT_TRUE(is_loopback({"::1", 1}));
  EXPECT_FALSE(is_loopback({"0.0.0.0", 1}));
  EXPECT_FALSE(is_loopback({"192.168.1.2", 1}));
}

}  // namespace
}  // namespace shimmy::app
