// Sockets that wait for connections: on TCP addresses, on the path of a Unix socket, or opened by
// somebody else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

namespace shimmy::http {

// Owns a socket that is bound and listens. Not thread-safe.
class ListeningSocket {
 public:
  virtual ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  // The descriptor, which is the caller's from then on.
  int release();

  int family() const { return family_; }        // AF_INET, AF_INET6 or AF_UNIX
  std::uint16_t port() const { return port_; }  // of a Unix socket: 0

  // Only programs of this machine can connect, and a web page's idea of this machine's name counts.
  // A Unix socket is none: no page reaches it, and a proxy in front has names of its own.
  bool is_loopback() const { return is_loopback_; }

  // "127.0.0.1:80", "[::1]:80", "unix:/path": for messages.
  const std::string& name() const { return name_; }

 protected:
  // Looks at what the descriptor is bound to.
  explicit ListeningSocket(int descriptor);

 private:
  int descriptor_;
  int family_ = 0;
  std::uint16_t port_ = 0;
  bool is_loopback_ = false;
  std::string name_;
};

using ListeningSockets = std::vector<std::unique_ptr<ListeningSocket>>;

// Every address that a numeric address or a host name stands for; "::" takes IPv4 clients as well.
// `port` 0 is the same free one for all of them. Blocks for a name. Fails with Io.
base::Result<ListeningSockets> listen_on_tcp(const std::string& address, std::uint16_t port);

// Only this user may connect (mode 0600). A file that a dead server left is replaced; one that a
// server answers on is a failure, and so is a file that is no socket. The file goes with the
// object, unless somebody else has put another there. Fails with Io.
base::Result<std::unique_ptr<ListeningSocket>> listen_on_unix(const std::string& path);

// Takes over a descriptor, which is closed where this fails: with Io, unless it is a TCP or Unix
// socket that listens.
base::Result<std::unique_ptr<ListeningSocket>> adopt_listening(int descriptor);

}  // namespace shimmy::http
