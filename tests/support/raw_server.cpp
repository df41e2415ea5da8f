#include "support/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <utility>

namespace shimmy::support {
namespace {

constexpr int kDeadlineMs = 8000;

std::size_t body_bytes(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t found = head.find(name);
  std::size_t length = 0;
  if (found != std::string_view::npos) {
    std::from_chars(head.data() + found + name.size(), head.data() + head.size(), length);
  }
  return length;
}

}  // namespace

bool RawPeer::fill() {
  pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
  if (::poll(&wait, 1, kDeadlineMs) <= 0) return false;
  std::array<char, 16384> bytes{};
  const ssize_t read = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (read <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(read));
  return true;
}

std::optional<std::string> RawPeer::read_request() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  const std::size_t whole = end + 4 + body_bytes(std::string_view(buffer_).substr(0, end));
  while (buffer_.size() < whole) {
    if (!fill()) return std::nullopt;
  }
  std::string request = buffer_.substr(0, whole);
  buffer_.erase(0, whole);
  return request;
}

bool RawPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawPeer::answer(int status, std::string_view body, const std::string& headers) {
  return send("HTTP/1.1 " + std::to_string(status) + " Status\r\n" + headers +
              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

void RawPeer::wait_until_gone() {
  while (fill()) buffer_.clear();
}

RawServer::RawServer(Serve serve)
    : serve_(std::move(serve)), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size);
  ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  start();
}

RawServer::RawServer(Serve serve, const std::string& unix_path)
    : serve_(std::move(serve)), listening_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
  ::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  start();
}

RawServer::~RawServer() {
  ::shutdown(listening_, SHUT_RDWR);
  acceptor_.join();
  ::close(listening_);
  // Nobody adds to the lists any more.
  for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  threads_.clear();
  for (const int socket : sockets_) ::close(socket);
}

std::string RawServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

int RawServer::connections() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(sockets_.size());
}

void RawServer::start() {
  ::listen(listening_, 64);
  acceptor_ = std::jthread([this] { accept_all(); });
}

void RawServer::accept_all() {
  while (true) {
    const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket] {
      RawPeer peer(socket);
      serve_(peer);
      ::shutdown(socket, SHUT_RDWR);
    });
  }
}

}  // namespace shimmy::support
