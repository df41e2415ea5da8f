// What both directions of a WebSocket's framing share, and the writing of frames (RFC 6455).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shimmy::http {

enum class Opcode : std::uint8_t {
  Continuation = 0x0,
  Text = 0x1,
  Binary = 0x2,
  Close = 0x8,
  Ping = 0x9,
  Pong = 0xA,
};

// Of control frames; a close reason is two bytes shorter, as the code comes first.
inline constexpr std::size_t kControlBytes = 125;

// One whole message as the server sends it: a single frame, not masked.
std::string websocket_frame(Opcode opcode, std::string_view payload);

// A close frame. Of `reason`, what fits and does not end within a character.
std::string close_frame(std::uint16_t code, std::string_view reason);

// Whether a peer may send this code (RFC 6455 7.4, and those registered since).
bool is_close_code(std::uint16_t code);

}  // namespace shimmy::http
