// Whether text that comes in pieces is UTF-8 (RFC 3629).
#pragma once

#include <cstdint>
#include <string_view>

namespace shimmy::http {

// Not thread-safe.
class Utf8Check {
 public:
  // False as soon as no continuation could make the text valid; it stays so until reset().
  bool take(std::string_view bytes);

  // Whether what was taken is valid and does not end within a character.
  bool is_whole() const { return is_valid_ && missing_ == 0; }

  void reset() { *this = Utf8Check(); }

 private:
  bool take_lead(std::uint8_t byte);

  bool is_valid_ = true;
  std::uint8_t missing_ = 0;  // continuation bytes of the character begun
  std::uint8_t lowest_ = 0;   // that the next of them may be
  std::uint8_t highest_ = 0;
};

}  // namespace shimmy::http
