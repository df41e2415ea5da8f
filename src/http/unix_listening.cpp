#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "http/listening_socket.h"

namespace shimmy::http {
namespace {

using base::ErrorCode;

constexpr int kBacklog = 4096;
constexpr mode_t kMode = 0600;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

class UnixSocket final : public ListeningSocket {
 public:
  UnixSocket(int descriptor, std::string path)
      : ListeningSocket(descriptor), path_(std::move(path)) {
    ::lstat(path_.c_str(), &file_);
  }
  ~UnixSocket() override {
    struct stat now{};
    const bool is_ours = ::lstat(path_.c_str(), &now) == 0 && now.st_dev == file_.st_dev &&
                         now.st_ino == file_.st_ino;
    if (is_ours) ::unlink(path_.c_str());
  }
  UnixSocket(const UnixSocket&) = delete;
  UnixSocket& operator=(const UnixSocket&) = delete;

 private:
  const std::string path_;
  struct stat file_{};
};

std::string reason(int error) { return std::generic_category().message(error); }

Descriptor new_socket() {
  return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Removes what a dead server has left.
base::Result<void> make_room(const sockaddr_un& address) {
  const char* path = address.sun_path;
  struct stat file{};
  if (::lstat(path, &file) != 0) return {};  // bind() says what is wrong, if anything
  if (!S_ISSOCK(file.st_mode)) {
    return base::fail(ErrorCode::Io,
                      "{} exists and is not a socket, so it is left alone; choose another path.",
                      path);
  }
  const Descriptor probe = new_socket();
  const int error = ::connect(probe.number(), generic(address), sizeof address) == 0 ? 0 : errno;
  if (error == ECONNREFUSED) {
    ::unlink(path);
    return {};
  }
  if (error == 0 || error == EAGAIN || error == EINPROGRESS) {
    return base::fail(ErrorCode::Io,
                      "A server already answers on unix:{}; stop that one or choose another path.",
                      path);
  }
  return base::fail(ErrorCode::Io,
                    "unix:{} exists, and whether a server answers there cannot be found out: {}. "
                    "Remove the file or choose another path.",
                    path, reason(error));
}

}  // namespace

base::Result<std::unique_ptr<ListeningSocket>> listen_on_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path ||
      path.find('\0') != std::string::npos) {
    return base::fail(ErrorCode::Io,
                      "\"{}\" is no path for a Unix socket: it must have 1 to {} bytes.", path,
                      sizeof address.sun_path - 1);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (base::Result<void> room = make_room(address); !room) {
    return std::unexpected(std::move(room.error()));
  }
  Descriptor socket = new_socket();
  // Before bind(), which gives the file the socket's mode: there is no moment at which others can
  // connect.
  const bool is_listening = ::fchmod(socket.number(), kMode) == 0 &&
                            ::bind(socket.number(), generic(address), sizeof address) == 0 &&
                            ::listen(socket.number(), kBacklog) == 0;
  if (!is_listening) {
    return base::fail(ErrorCode::Io, "Cannot listen on unix:{}: {}.", path, reason(errno));
  }
  return std::make_unique<UnixSocket>(socket.release(), path);
}

}  // namespace shimmy::http
