// Takes the bytes that a WebSocket client sends apart into messages and control frames (RFC 6455).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/utf8_check.h"
#include "http/websocket_frame.h"

namespace shimmy::http {

// Pure: what comes out does not depend on how the bytes are cut. Not thread-safe.
class WebSocketReader {
 public:
  enum class Kind { Text, Ping, Pong, Close, Failure };

  struct Event {
    Kind kind;
    std::string payload;     // of Close and Failure: the reason
    std::uint16_t code = 0;  // of Close: the client's, 1005 for none; of Failure: the one to send
  };

  // Text messages may have `message_bytes`; a larger one is a Failure as soon as it is announced.
  explicit WebSocketReader(std::size_t message_bytes) : message_bytes_(message_bytes) {}

  // The next event; `bytes` loses what was used. Empty: all was used and more is needed, or there
  // will be nothing more, as a Close or a Failure has been returned.
  std::optional<Event> next(std::string_view& bytes);

 private:
  std::size_t header_size() const;
  bool take_header(std::string_view& bytes);
  void check_start();
  void begin_payload();
  void take_payload(std::string_view& bytes);
  Event finish_frame();
  Event finish_control();
  void fail(std::uint16_t code, std::string reason);

  bool is_final() const { return (header_[0] & 0x80U) != 0; }
  bool is_control() const { return (header_[0] & 0x08U) != 0; }
  Opcode opcode() const { return static_cast<Opcode>(header_[0] & 0x0FU); }

  const std::size_t message_bytes_;
  // The frame at hand:
  std::array<std::uint8_t, 14> header_{};
  std::size_t header_taken_ = 0;
  bool is_in_payload_ = false;
  std::uint64_t payload_left_ = 0;
  std::size_t mask_at_ = 0;  // where in header_ the mask begins
  std::size_t mask_used_ = 0;
  std::string control_;
  // The message that its frames are part of:
  std::string message_;
  Utf8Check text_;
  bool is_in_message_ = false;

  std::optional<Event> failure_;
  bool is_over_ = false;
};

}  // namespace shimmy::http
