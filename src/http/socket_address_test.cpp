#include "http/socket_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <string>

namespace shimmy::http {
namespace {

SocketAddress ipv4(const char* text, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, text, &address.sin_addr);
  return {reinterpret_cast<const sockaddr*>(&address), sizeof address};
}

SocketAddress ipv6(const char* text, std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  inet_pton(AF_INET6, text, &address.sin6_addr);
  return {reinterpret_cast<const sockaddr*>(&address), sizeof address};
}

SocketAddress unix_path(const std::string& path, std::size_t extra) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return {reinterpret_cast<const sockaddr*>(&address),
          static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + extra)};
}

TEST(SocketAddress, WritesHostAndName) {
  EXPECT_EQ(ipv4("192.0.2.7", 80).host(), "192.0.2.7");
  EXPECT_EQ(ipv4("192.0.2.7", 80).name(), "192.0.2.7:80");
  EXPECT_EQ(ipv6("2001:db8::1", 443).host(), "2001:db8::1");
  EXPECT_EQ(ipv6("2001:db8::1", 443).name(), "[2001:db8::1]:443");
  EXPECT_EQ(ipv6("::1", 443).port(), 443);
}

TEST(SocketAddress, ShowsAnIpv4ClientOfAnIpv6SocketAsIpv4) {
  EXPECT_EQ(ipv6("::ffff:192.0.2.7", 80).host(), "192.0.2.7");
}

TEST(SocketAddress, KnowsLoopback) {
  for (const char* text : {"127.0.0.1", "127.255.1.2"}) {
    EXPECT_TRUE(ipv4(text, 1).is_loopback()) << text;
  }
  for (const char* text : {"0.0.0.0", "128.0.0.1", "192.168.1.2"}) {
    EXPECT_FALSE(ipv4(text, 1).is_loopback()) << text;
  }
  EXPECT_TRUE(ipv6("::1", 1).is_loopback());
  EXPECT_TRUE(ipv6("::ffff:127.0.0.1", 1).is_loopback());
  EXPECT_FALSE(ipv6("::", 1).is_loopback());
  EXPECT_FALSE(ipv6("::ffff:10.0.0.1", 1).is_loopback());
}

TEST(SocketAddress, WritesPathsOfUnixSockets) {
  EXPECT_EQ(unix_path("/run/x", 1).name(), "unix:/run/x");
  EXPECT_EQ(unix_path("/run/x", 0).name(), "unix:/run/x");
  EXPECT_EQ(unix_path("", 0).name(), "unix:");
  EXPECT_EQ(unix_path(std::string("\0abstract", 9), 0).name(), "unix:@abstract");
  EXPECT_EQ(unix_path("/run/x", 0).host(), "unix");
  EXPECT_EQ(unix_path("/run/x", 0).port(), 0);
  EXPECT_FALSE(unix_path("/run/x", 0).is_loopback());
  const std::string longest(sizeof(sockaddr_un::sun_path), 'p');
  EXPECT_EQ(unix_path(longest, 0).name(), "unix:" + longest);
}

TEST(SocketAddress, IsEmptyForADescriptorThatIsNoSocket) {
  const SocketAddress address = SocketAddress::local(-1);
  EXPECT_FALSE(address.is_tcp() || address.is_unix());
  EXPECT_EQ(address.host(), "");
}

}  // namespace
}  // namespace shimmy::http
