#include "support/raw_client.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace shimmy::support {
namespace {

constexpr int kDeadlineMs = 8000;

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::optional<std::size_t> parsed(std::string_view digits, int base) {
  std::size_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// The descriptor, or -1.
int connected(const sockaddr& address, socklen_t size) {
  const int handle = ::socket(address.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(handle, &address, size) == 0) return handle;
  ::close(handle);
  return -1;
}

}  // namespace

RawClient::RawClient(std::uint16_t port, const std::string& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return;
  socket_ = connected(*found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
}

RawClient::RawClient(const std::string& unix_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
  socket_ = connected(reinterpret_cast<const sockaddr&>(address), sizeof address);
}

RawClient::~RawClient() { close(); }

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Reads more into the buffer; false at the end, an error or the deadline.
bool RawClient::fill() {
  if (is_ended_ || socket_ < 0) return false;
  std::array<char, 16384> bytes{};
  const std::optional<std::ptrdiff_t> read = receive(bytes);
  if (!read) return false;
  if (*read <= 0) {
    is_ended_ = true;
    is_reset_ = *read < 0;
    return false;
  }
  buffer_.append(bytes.data(), static_cast<std::size_t>(*read));
  return true;
}

std::optional<std::ptrdiff_t> RawClient::receive(std::span<char> bytes) {
  pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
  if (::poll(&wait, 1, kDeadlineMs) <= 0) return std::nullopt;
  return ::recv(socket_, bytes.data(), bytes.size(), 0);
}

std::optional<std::string> RawClient::read_through(std::string_view end) {
  std::size_t found = 0;
  while ((found = buffer_.find(end)) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  return read_exactly(found + end.size());
}

std::optional<std::string> RawClient::read_exactly(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    if (!fill()) return std::nullopt;
  }
  std::string result = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return result;
}

std::optional<std::string> RawClient::read_to_end() {
  while (fill()) {
  }
  if (!is_ended_ || is_reset_) return std::nullopt;
  return std::exchange(buffer_, {});
}

std::optional<RawResponse> RawClient::read_head() {
  const std::optional<std::string> head = read_through("\r\n\r\n");
  if (!head || !head->starts_with("HTTP/1.1 ")) return std::nullopt;
  RawResponse response;
  response.status = static_cast<int>(parsed(std::string_view(*head).substr(9, 3), 10).value_or(0));
  std::size_t line = head->find("\r\n") + 2;
  while (line < head->size() - 2) {
    const std::size_t end = head->find("\r\n", line);
    const std::size_t colon = head->find(": ", line);
    if (colon == std::string::npos || colon > end) return std::nullopt;
    response.headers[lower_case(head->substr(line, colon - line))] =
        head->substr(colon + 2, end - colon - 2);
    line = end + 2;
  }
  return response;
}

std::optional<std::string> RawClient::read_chunk() {
  const std::optional<std::string> line = read_through("\r\n");
  if (!line) return std::nullopt;
  const std::optional<std::size_t> size =
      parsed(std::string_view(*line).substr(0, line->size() - 2), 16);
  if (!size) return std::nullopt;
  std::optional<std::string> chunk = read_exactly(*size + 2);
  if (!chunk || !chunk->ends_with("\r\n")) return std::nullopt;
  chunk->resize(*size);
  return chunk;
}

std::optional<RawResponse> RawClient::read_response(bool is_head) {
  std::optional<RawResponse> response = read_head();
  if (!response || is_head) return response;
  if (response->headers.contains("transfer-encoding")) {
    while (true) {
      const std::optional<std::string> chunk = read_chunk();
      if (!chunk) return std::nullopt;
      if (chunk->empty()) return response;
      response->body += *chunk;
    }
  }
  std::optional<std::string> body;
  if (response->headers.contains("content-length")) {
    body = read_exactly(parsed(response->headers["content-length"], 10).value_or(0));
  } else if (response->status == 204 || response->status / 100 == 1) {
    body.emplace();
  } else {
    body = read_to_end();
  }
  if (!body) return std::nullopt;
  response->body = std::move(*body);
  return response;
}

bool RawClient::is_at_end() { return buffer_.empty() && !fill() && is_ended_; }

bool RawClient::stays_quiet(std::chrono::milliseconds span) {
  pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
  return buffer_.empty() && ::poll(&wait, 1, static_cast<int>(span.count())) == 0;
}

void RawClient::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void RawClient::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace shimmy::support
