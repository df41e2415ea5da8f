#include "http/websocket_reader.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace shimmy::http {
namespace {

constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kUnsupported = 1003;
constexpr std::uint16_t kNoCode = 1005;
constexpr std::uint16_t kNotText = 1007;
constexpr std::uint16_t kTooLarge = 1009;

}  // namespace

std::optional<WebSocketReader::Event> WebSocketReader::next(std::string_view& bytes) {
  while (!is_over_) {
    if (!is_in_payload_ && !take_header(bytes) && !failure_) return std::nullopt;
    if (!failure_) take_payload(bytes);
    if (failure_) {
      is_over_ = true;
      return std::exchange(failure_, std::nullopt);
    }
    if (payload_left_ != 0) return std::nullopt;
    is_in_payload_ = false;
    header_taken_ = 0;
    if (!is_control() && !is_final()) continue;
    Event event = finish_frame();
    is_over_ = event.kind == Kind::Close || event.kind == Kind::Failure;
    return event;
  }
  bytes = {};
  return std::nullopt;
}

// As far as it can be known yet.
std::size_t WebSocketReader::header_size() const {
  if (header_taken_ < 2) return 2;
  const unsigned length = header_[1] & 0x7FU;
  constexpr std::size_t kPlain = 2 + 4;  // with the mask
  if (length == 126) return kPlain + 2;
  return length == 127 ? kPlain + 8 : kPlain;
}

// True once the payload may begin.
bool WebSocketReader::take_header(std::string_view& bytes) {
  while (header_taken_ < header_size()) {
    if (bytes.empty()) return false;
    header_[header_taken_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (header_taken_ == 2) check_start();
    if (failure_) return false;
  }
  begin_payload();
  return !failure_;
}

void WebSocketReader::check_start() {
  if ((header_[0] & 0x70U) != 0) {
    fail(kProtocolError, "A reserved bit is set, but no extension was agreed on.");
    return;
  }
  if ((header_[1] & 0x80U) == 0) {
    fail(kProtocolError, "Frames of a client must be masked.");
    return;
  }
  switch (opcode()) {
    case Opcode::Continuation:
      if (!is_in_message_) fail(kProtocolError, "There is no message to continue.");
      return;
    case Opcode::Text:
      if (is_in_message_) fail(kProtocolError, "The message before is not finished.");
      return;
    case Opcode::Binary: fail(kUnsupported, "Only text messages are understood here."); return;
    case Opcode::Close:
    case Opcode::Ping:
    case Opcode::Pong:
      if (!is_final() || (header_[1] & 0x7FU) > kControlBytes) {
        fail(kProtocolError, "Control frames are whole and have 125 bytes at most.");
      }
      return;
  }
  fail(kProtocolError, "There is no such kind of frame.");
}

void WebSocketReader::begin_payload() {
  const std::size_t length_bytes = header_taken_ - 6;
  std::uint64_t length = header_[1] & 0x7FU;
  if (length_bytes != 0) {
    length = 0;
    for (std::size_t i = 2; i < 2 + length_bytes; ++i) length = length << 8U | header_[i];
    if (length < 126 || (length_bytes == 8 && length <= 0xFFFF) || length >> 63U != 0) {
      fail(kProtocolError, "The length of a frame must be written as shortly as possible.");
      return;
    }
  }
  if (!is_control()) {
    is_in_message_ = true;
    if (length > message_bytes_ - message_.size()) {
      fail(kTooLarge, "The message is larger than " + std::to_string(message_bytes_) + " bytes.");
      return;
    }
  }
  is_in_payload_ = true;
  payload_left_ = length;
  mask_at_ = 2 + length_bytes;
  mask_used_ = 0;
}

void WebSocketReader::take_payload(std::string_view& bytes) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size()));
  std::string& target = is_control() ? control_ : message_;
  const std::size_t begin = target.size();
  target += bytes.substr(0, size);
  bytes.remove_prefix(size);
  payload_left_ -= size;
  for (std::size_t i = begin; i < target.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(target[i]);
    target[i] = static_cast<char>(byte ^ header_[mask_at_ + mask_used_++ % 4]);
  }
  if (!is_control() && !text_.take(std::string_view(target).substr(begin))) {
    fail(kNotText, "A text message is not UTF-8.");
  }
}

WebSocketReader::Event WebSocketReader::finish_frame() {
  if (is_control()) return finish_control();
  is_in_message_ = false;
  const bool is_whole = text_.is_whole();
  text_.reset();
  std::string message = std::exchange(message_, {});
  if (!is_whole) return {Kind::Failure, "A text message ends within a character.", kNotText};
  return {Kind::Text, std::move(message)};
}

WebSocketReader::Event WebSocketReader::finish_control() {
  std::string payload = std::exchange(control_, {});
  if (opcode() == Opcode::Ping) return {Kind::Ping, std::move(payload)};
  if (opcode() == Opcode::Pong) return {Kind::Pong, std::move(payload)};
  if (payload.empty()) return {Kind::Close, {}, kNoCode};
  if (payload.size() == 1) return {Kind::Failure, "A close code has two bytes.", kProtocolError};
  const auto code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8U |
                                               static_cast<std::uint8_t>(payload[1]));
  if (!is_close_code(code)) {
    return {Kind::Failure, "There is no such close code.", kProtocolError};
  }
  payload.erase(0, 2);
  Utf8Check reason;
  if (!reason.take(payload) || !reason.is_whole()) {
    return {Kind::Failure, "The close reason is not UTF-8.", kNotText};
  }
  return {Kind::Close, std::move(payload), code};
}

void WebSocketReader::fail(std::uint16_t code, std::string reason) {
  failure_ = Event{Kind::Failure, std::move(reason), code};
}

}  // namespace shimmy::http
