#include "chat/json_stream.h"

#include <fmt/format.h>

namespace shimmy::chat {
namespace {

constexpr std::size_t kMaxDepth = 256;
constexpr std::size_t kMaxWord = 400;  // digits of a number

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
         c == '.';
}

std::size_t digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t whole = digits(text);
  if (whole == 0 || (whole > 1 && text[0] == '0')) return false;
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::size_t fraction = digits(text);
    if (fraction == 0) return false;
    text.remove_prefix(fraction);
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return digits(text) > 0 && digits(text) == text.size();
  }
  return text.empty();
}

// Whether `text` may still become a number or a name of JSON.
bool may_become_word(std::string_view text) {
  for (const std::string_view name : {"true", "false", "null"}) {
    if (name.starts_with(text)) return true;
  }
  return text[0] == '-' || is_digit(text[0]);
}

void append_control(std::string& out, char c) {
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

}  // namespace

JsonStream::State JsonStream::read(std::string_view& text, std::string& out) {
  std::size_t used = 0;
  State state = expects_ == Expects::End ? State::Done : State::More;
  for (; used < text.size() && state == State::More; ++used) {
    const char c = text[used];
    if (expects_ == Expects::InWord && !is_word(c)) {
      const bool is_valid = word_is_valid();
      if (is_valid) value_ended();
      if (!is_valid || expects_ == Expects::End) {
        state = is_valid ? State::Done : State::Failed;
        break;
      }
    }
    state = step(c, out);
    if (state == State::Failed) break;
    if (expects_ == Expects::End) state = State::Done;
  }
  text.remove_prefix(used);
  return state;
}

bool JsonStream::finish() {
  if (expects_ == Expects::InWord && open_.empty() && word_is_valid()) value_ended();
  return expects_ == Expects::End;
}

JsonStream::State JsonStream::step(char c, std::string& out) {
  if (expects_ == Expects::InString) return in_string(c, out);
  if (expects_ != Expects::InWord && is_space(c)) return State::More;
  switch (expects_) {
    case Expects::InWord:
      out += c;
      word_ += c;
      return word_.size() < kMaxWord && may_become_word(word_) ? State::More : State::Failed;
    case Expects::FirstItem:
      if (c == ']') return close(c, out);
      [[fallthrough]];
    case Expects::Value: return value(c, out);
    case Expects::FirstKey:
      if (c == '}') return close(c, out);
      [[fallthrough]];
    case Expects::Key:
      if (c != '"') return State::Failed;
      out += c;
      is_key_ = true;
      expects_ = Expects::InString;
      return State::More;
    case Expects::Colon:
      if (c != ':') return State::Failed;
      out += c;
      expects_ = Expects::Value;
      return State::More;
    case Expects::CommaOrEnd:
      if (c != ',') return close(c, out);
      out += c;
      expects_ = open_.back() == '{' ? Expects::Key : Expects::Value;
      return State::More;
    default: return State::Failed;
  }
}

JsonStream::State JsonStream::value(char c, std::string& out) {
  if (c == '{' || c == '[') {
    if (open_.size() == kMaxDepth) return State::Failed;
    open_.push_back(c);
    expects_ = c == '{' ? Expects::FirstKey : Expects::FirstItem;
  } else if (c == '"') {
    is_key_ = false;
    expects_ = Expects::InString;
  } else {
    word_ = c;
    if (!may_become_word(word_)) return State::Failed;
    expects_ = Expects::InWord;
  }
  out += c;
  return State::More;
}

JsonStream::State JsonStream::close(char c, std::string& out) {
  if (open_.empty() || c != (open_.back() == '{' ? '}' : ']')) return State::Failed;
  open_.pop_back();
  out += c;
  value_ended();
  return State::More;
}

JsonStream::State JsonStream::in_string(char c, std::string& out) {
  if (escape_ > 0) {
    const bool is_first = escape_ == 5;
    if (is_first && !std::string_view("\"\\/bfnrtu").contains(c)) return State::Failed;
    if (!is_first && !is_hex(c)) return State::Failed;
    escape_ = is_first && c != 'u' ? 0 : escape_ - 1;
    out += c;
    return State::More;
  }
  if (static_cast<unsigned char>(c) < 0x20) {
    append_control(out, c);
    return State::More;
  }
  out += c;
  if (c == '\\') escape_ = 5;
  if (c != '"') return State::More;
  if (is_key_) expects_ = Expects::Colon;
  else value_ended();
  return State::More;
}

void JsonStream::value_ended() {
  word_.clear();
  expects_ = open_.empty() ? Expects::End : Expects::CommaOrEnd;
}

bool JsonStream::word_is_valid() const {
  return word_ == "true" || word_ == "false" || word_ == "null" || is_number(word_);
}

std::string json_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) append_control(out, c);
    else out += c;
  }
  return out;
}

}  // namespace shimmy::chat
