#include "http/websocket_handshake.h"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "http/text.h"

namespace shimmy::http {
namespace {

constexpr std::string_view kVersion = "13";
constexpr std::size_t kKeyBytes = 16;

// Whether a header that lists words has this one; it may come several times.
bool lists(const Request& request, std::string_view name, std::string_view word) {
  return std::ranges::any_of(request.headers, [&](const Header& header) {
    if (!equal_ignoring_case(header.name, name)) return false;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (equal_ignoring_case(trimmed(rest.substr(0, comma)), word)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return false;
  });
}

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text((size + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a NUL
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

// A key is 16 bytes in base64.
bool is_key(std::string_view key) {
  std::array<unsigned char, 18> bytes{};
  return key.size() == 24 && key.ends_with("==") &&
         EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(key.data()),
                         static_cast<int>(key.size())) == static_cast<int>(kKeyBytes) + 2;
}

std::string accept_value(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    return {};
  }
  return base64(digest.data(), size);
}

std::unexpected<Problem> refuse(int status, std::string message, std::vector<Header> headers = {}) {
  return std::unexpected(
      Problem{.status = status, .message = std::move(message), .headers = std::move(headers)});
}

}  // namespace

bool wants_websocket(const Request& request) { return lists(request, "upgrade", "websocket"); }

std::expected<std::string, Problem> accept_upgrade(const Request& request, bool is_http10) {
  if (!wants_websocket(request) || is_http10) {
    return refuse(426,
                  fmt::format("{} is a WebSocket: connect with ws:// or wss://.", request.path),
                  {{"Upgrade", "websocket"}});
  }
  if (trimmed(request.header("sec-websocket-version")) != kVersion) {
    return refuse(426, "The only version of WebSocket spoken here is 13.",
                  {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", std::string(kVersion)}});
  }
  if (request.method != "GET" || !lists(request, "connection", "upgrade")) {
    return refuse(400, "A WebSocket begins with GET and the header \"Connection: Upgrade\".");
  }
  const std::string_view key = trimmed(request.header("sec-websocket-key"));
  if (!is_key(key)) {
    return refuse(400, "The header Sec-WebSocket-Key must be 16 bytes in base64.");
  }
  std::string accept = accept_value(key);
  if (accept.empty()) return refuse(500, "OpenSSL does not compute SHA-1 here.");
  return accept;
}

std::string switching_head(std::string_view accept, std::string_view request_id) {
  return fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: {0}\r\nx-request-id: {1}\r\nrequest-id: {1}\r\n\r\n",
      accept, request_id);
}

}  // namespace shimmy::http
