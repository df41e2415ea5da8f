#include "http/utf8_check.h"

#include <cstdint>
#include <string_view>

namespace shimmy::http {

bool Utf8Check::take(std::string_view bytes) {
  for (const char c : bytes) {
    if (!is_valid_) return false;
    const auto byte = static_cast<std::uint8_t>(c);
    if (missing_ == 0) {
      is_valid_ = byte < 0x80 || take_lead(byte);
    } else {
      is_valid_ = byte >= lowest_ && byte <= highest_;
      --missing_;
      lowest_ = 0x80;
      highest_ = 0xBF;
    }
  }
  return is_valid_;
}

// The bounds of the second byte rule out overlong forms, surrogates and what is above U+10FFFF.
bool Utf8Check::take_lead(std::uint8_t byte) {
  lowest_ = 0x80;
  highest_ = 0xBF;
  if (byte == 0xE0) lowest_ = 0xA0;
  if (byte == 0xED) highest_ = 0x9F;
  if (byte == 0xF0) lowest_ = 0x90;
  if (byte == 0xF4) highest_ = 0x8F;
  if (byte >= 0xC2 && byte <= 0xDF) {
    missing_ = 1;
  } else if (byte >= 0xE0 && byte <= 0xEF) {
    missing_ = 2;
  } else if (byte >= 0xF0 && byte <= 0xF4) {
    missing_ = 3;
  } else {
    return false;
  }
  return true;
}

}  // namespace shimmy::http
