#include "generation/utf8_assembler.h"

#include <cstddef>
#include <utility>

namespace shimmy::generation {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Lead {
  std::size_t length = 0;           // of the whole character; 0: no character starts with this byte
  unsigned char second_low = 0x80;  // bounds of the second byte (Unicode 15, table 3-7)
  unsigned char second_high = 0xBF;
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1};
  if (byte >= 0xC2 && byte <= 0xDF) return {2};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

// How many bytes from `at` on are a well-formed beginning of the character that `lead` promises.
std::size_t well_formed(std::string_view bytes, std::size_t at, const Lead& lead) {
  std::size_t count = 1;
  while (count < lead.length && at + count < bytes.size()) {
    const auto byte = static_cast<unsigned char>(bytes[at + count]);
    const unsigned char low = count == 1 ? lead.second_low : 0x80;
    const unsigned char high = count == 1 ? lead.second_high : 0xBF;
    if (byte < low || byte > high) break;
    ++count;
  }
  return count;
}

}  // namespace

std::string Utf8Assembler::push(std::string_view bytes) {
  const std::string all = std::exchange(tail_, {}).append(bytes);
  std::string out;
  out.reserve(all.size());
  for (std::size_t at = 0; at < all.size();) {
    const Lead lead = lead_of(static_cast<unsigned char>(all[at]));
    if (lead.length == 0) {
      out += kReplacement;
      ++at;
      continue;
    }
    const std::size_t count = well_formed(all, at, lead);
    if (count == lead.length) {
      out.append(all, at, count);
    } else if (at + count == all.size()) {
      tail_ = all.substr(at);
      break;
    } else {
      out += kReplacement;
    }
    at += count;
  }
  return out;
}

std::string Utf8Assembler::flush() {
  if (std::exchange(tail_, {}).empty()) return {};
  return std::string(kReplacement);
}

}  // namespace shimmy::generation
