// Reads one JSON value as it comes and writes it compactly.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace shimmy::chat {

// Forgiving where models are not exact: line breaks in a string are escaped. One per value.
class JsonStream {
 public:
  enum class State { More, Done, Failed };

  // Takes the start of `text`, moves it past what belongs to the value, and appends that to `out`
  // without white space between tokens. Done as soon as the value is complete: for a number, when
  // something follows it. Failed at the first byte that no JSON value can have there.
  State read(std::string_view& text, std::string& out);

  // No more text comes: true if the value is complete (a number may be, at the end).
  bool finish();

 private:
  enum class Expects { Value, FirstKey, Key, Colon, CommaOrEnd, FirstItem, InString, InWord, End };

  State step(char c, std::string& out);
  State value(char c, std::string& out);
  State close(char c, std::string& out);
  State in_string(char c, std::string& out);
  void value_ended();
  bool word_is_valid() const;

  Expects expects_ = Expects::Value;
  std::vector<char> open_;  // the brackets that are open
  std::string word_;        // number, true, false or null so far
  bool is_key_ = false;     // the string that is being read
  int escape_ = 0;          // characters of an escape sequence that are still to come
};

// The text between the quotes of a JSON string with this content.
std::string json_escaped(std::string_view text);

}  // namespace shimmy::chat
