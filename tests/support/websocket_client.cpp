#include "support/websocket_client.h"

#include <array>
#include <utility>

namespace shimmy::support {
namespace {

constexpr std::array<unsigned char, 4> kMask = {0x37, 0xFA, 0x21, 0x3D};

void append_length(std::string& out, std::size_t length, unsigned bytes) {
  for (unsigned byte = bytes; byte-- > 0;) out += static_cast<char>(length >> (8 * byte) & 0xFFU);
}

std::size_t number(std::string_view bytes) {
  std::size_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

std::string frame_bytes(const Frame& frame) {
  const std::size_t size = frame.payload.size();
  const unsigned length_bytes = frame.length_bytes != 0 ? frame.length_bytes
                                : size < 126            ? 0
                                : size <= 0xFFFF        ? 2
                                                        : 8;
  const std::size_t length = length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127;
  std::string out;
  out += static_cast<char>((frame.is_final ? 0x80U : 0U) | frame.reserved * 16U | frame.opcode);
  out += static_cast<char>((frame.is_masked ? 0x80U : 0U) | length);
  append_length(out, size, length_bytes);
  if (!frame.is_masked) return out + frame.payload;
  for (const unsigned char byte : kMask) out += static_cast<char>(byte);
  for (std::size_t i = 0; i < size; ++i) {
    out += static_cast<char>(static_cast<unsigned char>(frame.payload[i]) ^ kMask[i % 4]);
  }
  return out;
}

std::string text_frame(std::string text) { return frame_bytes({1, std::move(text)}); }

std::string ping_frame(std::string payload) { return frame_bytes({9, std::move(payload)}); }

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload;
  append_length(payload, code, 2);
  payload += reason;
  return payload;
}

std::string close_bytes(std::uint16_t code, std::string_view reason) {
  return frame_bytes({8, close_payload(code, reason)});
}

std::string upgrade_request(const std::string& path, const std::string& headers) {
  return "GET " + path +
         " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         headers + "\r\n";
}

std::optional<Frame> read_frame(RawClient& client) {
  const std::optional<std::string> head = client.read_exactly(2);
  if (!head) return std::nullopt;
  const auto first = static_cast<unsigned char>((*head)[0]);
  const auto second = static_cast<unsigned char>((*head)[1]);
  Frame frame{.opcode = static_cast<std::uint8_t>(first & 0x0FU),
              .is_final = (first & 0x80U) != 0,
              .is_masked = (second & 0x80U) != 0,
              .reserved = static_cast<std::uint8_t>(first >> 4U & 7U)};
  std::size_t length = second & 0x7FU;
  if (length >= 126) {
    const std::optional<std::string> bytes = client.read_exactly(length == 126 ? 2 : 8);
    if (!bytes) return std::nullopt;
    length = number(*bytes);
  }
  std::optional<std::string> payload = client.read_exactly(length);
  if (!payload) return std::nullopt;
  frame.payload = std::move(*payload);
  return frame;
}

bool upgrade(RawClient& client, const std::string& path) {
  if (!client.send(upgrade_request(path))) return false;
  const std::optional<RawResponse> response = client.read_head();
  return response && response->status == 101;
}

}  // namespace shimmy::support
