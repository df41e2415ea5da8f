#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "http/listening_socket.h"
#include "http/socket_address.h"

namespace shimmy::http {
namespace {

using base::ErrorCode;

constexpr int kBacklog = 4096;
constexpr int kTries = 8;  // for a free port that several addresses have

class TcpSocket final : public ListeningSocket {
 public:
  explicit TcpSocket(int descriptor) : ListeningSocket(descriptor) {}
};

struct AddressListDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

base::Result<AddressList> resolved(std::string_view address) {
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  const int failure = getaddrinfo(std::string(address).c_str(), "0", &hints, &list);
  if (failure == 0) return AddressList(list);
  return base::fail(ErrorCode::Io,
                    "The address \"{}\" to listen on is neither an IP address nor a name that can "
                    "be resolved ({}); use for example 127.0.0.1.",
                    address, gai_strerror(failure));
}

base::Error bind_error(const SocketAddress& address, int error) {
  const std::string where = address.name();
  std::string message =
      fmt::format("Cannot listen on {}: {}.", where, std::generic_category().message(error));
  if (error == EADDRINUSE) {
    message = fmt::format(
        "{} is already in use by another program (maybe by a server that still runs); stop that "
        "one or choose another port.",
        where);
  } else if (error == EACCES) {
    message = fmt::format(
        "Listening on {} is not permitted; ports below 1024 are for root: choose a higher one.",
        where);
  } else if (error == EADDRNOTAVAIL) {
    message = fmt::format(
        "This machine has no address {}; listen on 127.0.0.1, or on 0.0.0.0 for all addresses.",
        address.host());
  }
  return {ErrorCode::Io, std::move(message), {}, {}};
}

// A name may stand for an IPv6 address on a machine that has IPv6 switched off.
bool may_be_skipped(int error) { return error == EADDRNOTAVAIL || error == EAFNOSUPPORT; }

bool is_unspecified(const addrinfo& entry) {
  const auto* address = reinterpret_cast<const sockaddr_in6*>(entry.ai_addr);
  return IN6_IS_ADDR_UNSPECIFIED(&address->sin6_addr);
}

void set_port(addrinfo& entry, std::uint16_t port) {
  if (entry.ai_family == AF_INET) {
    reinterpret_cast<sockaddr_in*>(entry.ai_addr)->sin_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in6*>(entry.ai_addr)->sin6_port = htons(port);
  }
}

// The descriptor, or minus the number of the error.
int bound(const addrinfo& entry) {
  const int descriptor = ::socket(entry.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  const auto set = [&](int level, int option, int value) {
    return ::setsockopt(descriptor, level, option, &value, sizeof value) == 0;
  };
  bool is_listening = set(SOL_SOCKET, SO_REUSEADDR, 1);
  if (entry.ai_family == AF_INET6) {
    // "::" takes IPv4 clients as well.
    is_listening = is_listening && set(IPPROTO_IPV6, IPV6_V6ONLY, is_unspecified(entry) ? 0 : 1);
  }
  is_listening = is_listening && ::bind(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 &&
                 ::listen(descriptor, kBacklog) == 0;
  if (is_listening) return descriptor;
  const int error = errno;
  ::close(descriptor);
  return -error;
}

struct Attempt {
  ListeningSockets sockets;
  int error = 0;  // of the last address that could not be had
  SocketAddress failed;
};

Attempt listen_on_all(addrinfo* list, std::uint16_t port) {
  Attempt attempt;
  for (addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    set_port(*entry, attempt.sockets.empty() ? port : attempt.sockets.front()->port());
    const SocketAddress address(entry->ai_addr, entry->ai_addrlen);
    const bool is_repeated = std::ranges::any_of(
        attempt.sockets, [&](const auto& socket) { return socket->name() == address.name(); });
    if (is_repeated) continue;
    const int descriptor = bound(*entry);
    if (descriptor >= 0) {
      attempt.sockets.push_back(std::make_unique<TcpSocket>(descriptor));
      continue;
    }
    attempt.error = -descriptor;
    attempt.failed = address;
    if (!may_be_skipped(attempt.error)) {
      attempt.sockets.clear();
      return attempt;
    }
  }
  return attempt;
}

}  // namespace

base::Result<ListeningSockets> listen_on_tcp(const std::string& address, std::uint16_t port) {
  const base::Result<AddressList> list = resolved(address);
  if (!list) return std::unexpected(list.error());
  Attempt attempt;
  for (int tries = 0; tries < kTries; ++tries) {
    attempt = listen_on_all(list->get(), port);
    // The kernel's choice for the first address may be taken at the second.
    if (port != 0 || attempt.error != EADDRINUSE) break;
  }
  if (!attempt.sockets.empty()) return std::move(attempt.sockets);
  return std::unexpected(bind_error(attempt.failed, attempt.error));
}

}  // namespace shimmy::http
