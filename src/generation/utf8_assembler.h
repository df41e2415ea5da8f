// Turns bytes that arrive token by token into whole UTF-8 characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace shimmy::generation {

// Invalid bytes become U+FFFD, one for each maximal ill-formed part (Unicode 15, 3.9 "U+FFFD
// Substitution of Maximal Subparts"), so the output is always valid UTF-8. One thread at a time.
class Utf8Assembler {
 public:
  // The characters that are complete with these bytes; an incomplete tail of at most 3 bytes is
  // kept.
  std::string push(std::string_view bytes);

  // No more bytes will come: an incomplete tail becomes U+FFFD.
  std::string flush();

  // Bytes of the incomplete tail.
  std::size_t held_bytes() const { return tail_.size(); }

 private:
  std::string tail_;
};

}  // namespace shimmy::generation
