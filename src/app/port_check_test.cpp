#include "app/port_check.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace shimmy::app {
namespace {

// A socket that listens on a free loopback port.
class Listener {
 public:
  Listener() : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(descriptor_, generic, size), 0);
    EXPECT_EQ(listen(descriptor_, 1), 0);
    getsockname(descriptor_, generic, &size);
    port = ntohs(address.sin_port);
  }
  ~Listener() { close(descriptor_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port = 0;

 private:
  int descriptor_;
};

TEST(PortCheck, SeesThatPortIsTakenAndByWhom) {
  const Listener listener;
  EXPECT_FALSE(is_free({"127.0.0.1", listener.port}));
  EXPECT_THAT(listener_on(listener.port),
              testing::HasSubstr("(pid " + std::to_string(getpid()) + ")"));
}

TEST(PortCheck, SeesThatPortIsFree) {
  std::uint16_t port = 0;
  {
    const Listener listener;
    port = listener.port;
  }
  EXPECT_TRUE(is_free({"127.0.0.1", port}));
  EXPECT_EQ(listener_on(port), "");
}

TEST(PortCheck, RefusesForeignAddress) {
  EXPECT_FALSE(is_free({"192.0.2.1", 0}));
  EXPECT_FALSE(is_free({"no.such.host.invalid", 0}));
}

TEST(PortCheck, FindsTheNextFreePort) {
  const Listener listener;
  const auto port = next_free_port({"127.0.0.1", listener.port});
  ASSERT_TRUE(port);
  EXPECT_GT(*port, listener.port);
  EXPECT_TRUE(is_free({"127.0.0.1", *port}));
}

TEST(PortCheck, FindsNoPortAfterTheLast) { EXPECT_FALSE(next_free_port({"127.0.0.1", 65535})); }

}  // namespace
}  // namespace shimmy::app
