#include "base/utf8.h"

namespace shimmy::base {
namespace {

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

}  // namespace

Utf8Part first_utf8(std::string_view text) {
  const Lead lead = lead_of(static_cast<unsigned char>(text[0]));
  if (lead.length == 0) return {Utf8::Invalid, 1};
  for (std::size_t count = 1; count < lead.length; ++count) {
    if (count == text.size()) return {Utf8::Cut, count};
    const auto byte = static_cast<unsigned char>(text[count]);
    const unsigned char low = count == 1 ? lead.second_low : 0x80;
    const unsigned char high = count == 1 ? lead.second_high : 0xBF;
    if (byte < low || byte > high) return {Utf8::Invalid, count};
  }
  return {Utf8::Whole, lead.length};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Part part = first_utf8(text);
    if (part.kind != Utf8::Whole) return false;
    text.remove_prefix(part.bytes);
  }
  return true;
}

}  // namespace shimmy::base
