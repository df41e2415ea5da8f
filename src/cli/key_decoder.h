// The keys behind the bytes that a terminal sends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shimmy::cli {

enum class KeyKind {
  Text,  // to insert; of a paste it may have many lines
  Enter,
  Backspace,
  Delete,
  Left,
  Right,
  WordLeft,
  WordRight,
  Home,
  End,
  Up,
  Down,
  CutToStart,
  CutToEnd,
  CutWord,
  ClearScreen,
  Interrupt,   // Ctrl-C
  DeleteOrEnd  // Ctrl-D
};

struct Key {
  KeyKind kind = KeyKind::Text;
  std::string text = {};  // of Text: whole characters

  friend bool operator==(const Key&, const Key&) = default;
};

// Bytes go in as they come, however they are cut. Keys that mean nothing here are dropped.
class KeyDecoder {
 public:
  void push(std::string_view bytes) { pending_ += bytes; }

  // Empty until more bytes come.
  std::optional<Key> next();

 private:
  // How many bytes of pending_ it takes, and the key, if it is one. 0: more bytes are needed.
  struct Decoded {
    std::size_t bytes = 0;
    std::optional<Key> key = {};
  };
  Decoded decode() const;
  Decoded decode_escape() const;
  Decoded decode_sequence() const;
  Decoded decode_paste(std::size_t begin) const;

  std::string pending_;
};

}  // namespace shimmy::cli
