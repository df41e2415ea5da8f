#include "http/listening_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "http/socket_address.h"

namespace shimmy::http {
namespace {

class AdoptedSocket final : public ListeningSocket {
 public:
  explicit AdoptedSocket(int descriptor) : ListeningSocket(descriptor) {}
};

// 0 or 1; -1 where it is no socket.
int socket_option(int descriptor, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

}  // namespace

ListeningSocket::ListeningSocket(int descriptor) : descriptor_(descriptor) {
  const SocketAddress address = SocketAddress::local(descriptor);
  family_ = address.family();
  port_ = address.port();
  is_loopback_ = address.is_loopback();
  name_ = address.name();
}

ListeningSocket::~ListeningSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int ListeningSocket::release() { return std::exchange(descriptor_, -1); }

base::Result<std::unique_ptr<ListeningSocket>> adopt_listening(int descriptor) {
  auto socket = std::make_unique<AdoptedSocket>(descriptor);
  const SocketAddress address = SocketAddress::local(descriptor);
  const bool is_known = address.is_tcp() || address.is_unix();
  if (!is_known || socket_option(descriptor, SO_TYPE) != SOCK_STREAM ||
      socket_option(descriptor, SO_ACCEPTCONN) != 1) {
    return base::fail(base::ErrorCode::Io,
                      "The inherited descriptor {} is not a TCP or Unix socket that listens; a "
                      "systemd socket unit needs ListenStream= and Accept=no.",
                      descriptor);
  }
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return socket;
}

}  // namespace shimmy::http
