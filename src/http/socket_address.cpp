#include "http/socket_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace shimmy::http {
namespace {

template <class Address>
Address as(const sockaddr_storage& storage) {
  Address address{};
  std::memcpy(&address, &storage, sizeof address);
  return address;
}

// The IPv4 address that an IPv6 one stands for.
in_addr mapped(const in6_addr& address) {
  in_addr result{};
  std::memcpy(&result, &address.s6_addr[12], sizeof result);
  return result;
}

std::string written(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, address, text.data(), text.size()) == nullptr ? "" : text.data();
}

bool is_ipv4_loopback(const in_addr& address) { return ntohl(address.s_addr) >> 24U == 127; }

}  // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size)
    : size_(std::min<socklen_t>(size, sizeof storage_)) {
  std::memcpy(&storage_, address, size_);
}

SocketAddress SocketAddress::local(int descriptor) {
  SocketAddress address;
  address.size_ = sizeof address.storage_;
  auto* storage = reinterpret_cast<sockaddr*>(&address.storage_);
  return ::getsockname(descriptor, storage, &address.size_) == 0 ? address : SocketAddress();
}

SocketAddress SocketAddress::remote(int descriptor) {
  SocketAddress address;
  address.size_ = sizeof address.storage_;
  auto* storage = reinterpret_cast<sockaddr*>(&address.storage_);
  return ::getpeername(descriptor, storage, &address.size_) == 0 ? address : SocketAddress();
}

bool SocketAddress::is_loopback() const {
  if (storage_.ss_family == AF_INET) return is_ipv4_loopback(as<sockaddr_in>(storage_).sin_addr);
  if (storage_.ss_family != AF_INET6) return false;
  const auto address = as<sockaddr_in6>(storage_).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address) ||
         (IN6_IS_ADDR_V4MAPPED(&address) && is_ipv4_loopback(mapped(address)));
}

std::uint16_t SocketAddress::port() const {
  if (storage_.ss_family == AF_INET) return ntohs(as<sockaddr_in>(storage_).sin_port);
  if (storage_.ss_family == AF_INET6) return ntohs(as<sockaddr_in6>(storage_).sin6_port);
  return 0;
}

std::string SocketAddress::host() const {
  if (is_unix()) return "unix";
  if (storage_.ss_family == AF_INET) {
    const auto address = as<sockaddr_in>(storage_).sin_addr;
    return written(AF_INET, &address);
  }
  if (storage_.ss_family != AF_INET6) return {};
  const auto address = as<sockaddr_in6>(storage_).sin6_addr;
  if (!IN6_IS_ADDR_V4MAPPED(&address)) return written(AF_INET6, &address);
  const in_addr ipv4 = mapped(address);
  return written(AF_INET, &ipv4);
}

std::string SocketAddress::name() const {
  if (is_unix()) {
    const auto address = as<sockaddr_un>(storage_);
    const std::size_t bytes = size_ - std::min<std::size_t>(size_, offsetof(sockaddr_un, sun_path));
    // The size may count the NUL that ends the path; a name that begins with one is abstract.
    std::string path(std::string_view(address.sun_path, bytes));
    if (path.starts_with('\0')) path.front() = '@';
    return "unix:" + path.substr(0, path.find('\0'));
  }
  const std::string text = host();
  return text.find(':') == std::string::npos ? fmt::format("{}:{}", text, port())
                                             : fmt::format("[{}]:{}", text, port());
}

}  // namespace shimmy::http
