#include "cli/line_editor.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/escape.h"
#include "cli/text_width.h"

namespace shimmy::cli {
namespace {

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

bool is_blank(char byte) { return byte == ' ' || byte == '\n' || byte == '\t'; }

// As it is shown: in one line.
std::string shown(std::string_view text) {
  std::string result;
  for (const char byte : text) {
    if (byte == '\n') {
      result += "↵";
    } else {
      result += byte == '\t' ? ' ' : byte;
    }
  }
  return result;
}

}  // namespace

LineEditor::LineEditor(std::string prompt, const std::vector<std::string>& history)
    : prompt_(std::move(prompt)), history_(history), recalled_(history.size()) {}

LineEditor::State LineEditor::press(const Key& key) {
  switch (key.kind) {
    case KeyKind::Text: insert(key.text); break;
    case KeyKind::Enter: return State::Done;
    case KeyKind::Backspace: erase(before(cursor_), cursor_); break;
    case KeyKind::Delete: erase(cursor_, after(cursor_)); break;
    case KeyKind::Left: cursor_ = before(cursor_); break;
    case KeyKind::Right: cursor_ = after(cursor_); break;
    case KeyKind::WordLeft: cursor_ = word_before(cursor_); break;
    case KeyKind::WordRight: cursor_ = word_after(cursor_); break;
    case KeyKind::Home: cursor_ = 0; break;
    case KeyKind::End: cursor_ = text_.size(); break;
    case KeyKind::Up:
      if (recalled_ > 0) recall(recalled_ - 1);
      break;
    case KeyKind::Down:
      if (recalled_ < history_.size()) recall(recalled_ + 1);
      break;
    case KeyKind::CutToStart: erase(0, cursor_); break;
    case KeyKind::CutToEnd: erase(cursor_, text_.size()); break;
    case KeyKind::CutWord: erase(word_before(cursor_), cursor_); break;
    case KeyKind::ClearScreen: clears_screen_ = true; break;
    case KeyKind::Interrupt: return State::Interrupted;
    case KeyKind::DeleteOrEnd:
      if (text_.empty()) return State::Ended;
      erase(cursor_, after(cursor_));
      break;
  }
  return State::Editing;
}

void LineEditor::insert(const std::string& text) {
  text_.insert(cursor_, text);
  cursor_ += text.size();
}

void LineEditor::erase(std::size_t begin, std::size_t end) {
  text_.erase(begin, end - begin);
  cursor_ = begin;
}

std::size_t LineEditor::before(std::size_t position) const {
  if (position == 0) return 0;
  do --position;
  while (position > 0 && continues_character(text_[position]));
  return position;
}

std::size_t LineEditor::after(std::size_t position) const {
  if (position >= text_.size()) return text_.size();
  do ++position;
  while (position < text_.size() && continues_character(text_[position]));
  return position;
}

std::size_t LineEditor::word_before(std::size_t position) const {
  while (position > 0 && is_blank(text_[position - 1])) --position;
  while (position > 0 && !is_blank(text_[position - 1])) --position;
  return position;
}

std::size_t LineEditor::word_after(std::size_t position) const {
  while (position < text_.size() && is_blank(text_[position])) ++position;
  while (position < text_.size() && !is_blank(text_[position])) ++position;
  return position;
}

void LineEditor::recall(std::size_t index) {
  if (recalled_ == history_.size()) draft_ = text_;
  recalled_ = index;
  text_ = index == history_.size() ? draft_ : history_[index];
  cursor_ = text_.size();
}

std::string LineEditor::to_top() const {
  return cursor_row_ > 0 ? fmt::format("\r\x1b[{}A", cursor_row_) : "\r";
}

std::string LineEditor::draw(std::size_t width) {
  width = std::max<std::size_t>(width, 1);
  std::string out = std::exchange(clears_screen_, false) ? "\x1b[H\x1b[2J" : to_top() + "\x1b[J";
  out += prompt_ + shown(text_);
  const std::size_t all = columns(prompt_) + columns(shown(text_));
  const std::size_t at =
      columns(prompt_) + columns(shown(std::string_view(text_).substr(0, cursor_)));
  // A terminal that has filled its last column has not gone to the next row yet.
  if (all > 0 && all % width == 0) out += "\r\n";
  const std::size_t up = all / width - at / width;
  if (up > 0) out += fmt::format("\x1b[{}A", up);
  out += '\r';
  if (at % width > 0) out += fmt::format("\x1b[{}C", at % width);
  cursor_row_ = at / width;
  return out;
}

std::string LineEditor::leave(std::size_t width) {
  cursor_ = text_.size();
  return draw(width) + "\r\n";
}

}  // namespace shimmy::cli
