// Reading the addresses of sockets.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace shimmy::http {

// Of TCP or Unix sockets.
class SocketAddress {
 public:
  // Of this end, or of the other; without a family when there is none.
  static SocketAddress local(int descriptor);
  static SocketAddress remote(int descriptor);

  SocketAddress() = default;
  SocketAddress(const sockaddr* address, socklen_t size);

  int family() const { return storage_.ss_family; }
  bool is_unix() const { return storage_.ss_family == AF_UNIX; }
  bool is_tcp() const { return storage_.ss_family == AF_INET || storage_.ss_family == AF_INET6; }
  bool is_loopback() const;
  std::uint16_t port() const;  // 0 without one

  // "127.0.0.1", "::1", "unix"; an IPv4 client of an IPv6 socket shows as IPv4. May be empty.
  std::string host() const;

  // "127.0.0.1:80", "[::1]:80", "unix:/path".
  std::string name() const;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace shimmy::http
