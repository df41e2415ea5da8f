#include "cli/key_decoder.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace shimmy::cli {
namespace {

constexpr char kEscape = '\x1b';
constexpr std::string_view kPasteEnd = "\x1b[201~";

std::optional<Key> control_key(char byte) {
  switch (byte) {
    case '\r':
    case '\n': return Key{KeyKind::Enter};
    case '\x7f':
    case '\x08': return Key{KeyKind::Backspace};
    case '\x01': return Key{KeyKind::Home};
    case '\x02': return Key{KeyKind::Left};
    case '\x03': return Key{KeyKind::Interrupt};
    case '\x04': return Key{KeyKind::DeleteOrEnd};
    case '\x05': return Key{KeyKind::End};
    case '\x06': return Key{KeyKind::Right};
    case '\x0b': return Key{KeyKind::CutToEnd};
    case '\x0c': return Key{KeyKind::ClearScreen};
    case '\x0e': return Key{KeyKind::Down};
    case '\x10': return Key{KeyKind::Up};
    case '\x15': return Key{KeyKind::CutToStart};
    case '\x17': return Key{KeyKind::CutWord};
    default: return std::nullopt;
  }
}

// What stands between "ESC [" (or "ESC O") and the end of the sequence, that end included.
std::optional<Key> sequence_key(std::string_view sequence) {
  struct Known {
    std::string_view sequence;
    KeyKind kind;
  };
  constexpr std::array known{Known{"A", KeyKind::Up},          Known{"B", KeyKind::Down},
                             Known{"C", KeyKind::Right},       Known{"D", KeyKind::Left},
                             Known{"H", KeyKind::Home},        Known{"F", KeyKind::End},
                             Known{"1~", KeyKind::Home},       Known{"7~", KeyKind::Home},
                             Known{"4~", KeyKind::End},        Known{"8~", KeyKind::End},
                             Known{"3~", KeyKind::Delete},     Known{"1;5C", KeyKind::WordRight},
                             Known{"1;5D", KeyKind::WordLeft}, Known{"1;3C", KeyKind::WordRight},
                             Known{"1;3D", KeyKind::WordLeft}, Known{"5C", KeyKind::WordRight},
                             Known{"5D", KeyKind::WordLeft}};
  const auto* const found = std::ranges::find(known, sequence, &Known::sequence);
  if (found == known.end()) return std::nullopt;
  return Key{found->kind};
}

std::string pasted(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const base::Utf8Part part = base::first_utf8(bytes);
    const char first = bytes[0];
    const bool is_control = part.bytes == 1 && static_cast<unsigned char>(first) < 0x20;
    if (first == '\r') {
      if (!bytes.starts_with("\r\n")) text += '\n';
    } else if (part.kind == base::Utf8::Whole && (!is_control || first == '\n' || first == '\t')) {
      text += bytes.substr(0, part.bytes);
    }
    bytes.remove_prefix(part.bytes);
  }
  return text;
}

}  // namespace

std::optional<Key> KeyDecoder::next() {
  while (!pending_.empty()) {
    Decoded decoded = decode();
    if (decoded.bytes == 0) return std::nullopt;
    pending_.erase(0, decoded.bytes);
    if (decoded.key) return decoded.key;
  }
  return std::nullopt;
}

KeyDecoder::Decoded KeyDecoder::decode() const {
  const char first = pending_[0];
  if (first == kEscape) return decode_escape();
  if (static_cast<unsigned char>(first) < 0x20 || first == '\x7f') return {1, control_key(first)};
  const base::Utf8Part part = base::first_utf8(pending_);
  if (part.kind == base::Utf8::Cut) return {};
  if (part.kind == base::Utf8::Invalid) return {part.bytes};
  return {part.bytes, Key{KeyKind::Text, pending_.substr(0, part.bytes)}};
}

// The Escape key alone cannot be told from the start of a sequence: it goes with the next key.
KeyDecoder::Decoded KeyDecoder::decode_escape() const {
  if (pending_.size() < 2) return {};
  switch (pending_[1]) {
    case '[':
    case 'O': return decode_sequence();
    case 'b': return {2, Key{KeyKind::WordLeft}};
    case 'f': return {2, Key{KeyKind::WordRight}};
    case '\x7f': return {2, Key{KeyKind::CutWord}};
    case '\r':
    case '\n': return {2, Key{KeyKind::Text, "\n"}};  // Alt-Enter: a new line in the text
    case kEscape: return {1};
    default: return {2};
  }
}

KeyDecoder::Decoded KeyDecoder::decode_sequence() const {
  constexpr std::size_t longest = 32;
  std::size_t end = 2;
  while (end < pending_.size() && pending_[end] >= 0x20 && pending_[end] < 0x40) ++end;
  if (end >= pending_.size()) return {pending_.size() > longest ? pending_.size() : 0};
  const std::string_view sequence = std::string_view(pending_).substr(2, end - 1);
  if (sequence == "200~") return decode_paste(end + 1);
  return {end + 1, sequence_key(sequence)};
}

KeyDecoder::Decoded KeyDecoder::decode_paste(std::size_t begin) const {
  const std::size_t end = pending_.find(kPasteEnd, begin);
  if (end == std::string::npos) return {};
  return {end + kPasteEnd.size(),
          Key{KeyKind::Text, pasted(std::string_view(pending_).substr(begin, end - begin))}};
}

}  // namespace shimmy::cli
