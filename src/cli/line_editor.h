// A line of text under the keys of its writer.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/key_decoder.h"

namespace shimmy::cli {

// Knows no terminal: keys go in, and what to write to a terminal comes out.
class LineEditor {
 public:
  enum class State {
    Editing,
    Done,         // Enter
    Interrupted,  // Ctrl-C
    Ended,        // Ctrl-D on an empty line
  };

  // `history`: earlier lines, the latest last; must outlive the object.
  LineEditor(std::string prompt, const std::vector<std::string>& history);

  State press(const Key& key);

  const std::string& text() const { return text_; }

  // Replaces what the last call drew, on a terminal of `width` columns.
  std::string draw(std::size_t width);

  // From the line to the one below it, its whole text left above.
  std::string leave(std::size_t width);

 private:
  void insert(const std::string& text);
  void erase(std::size_t begin, std::size_t end);
  std::size_t before(std::size_t position) const;
  std::size_t after(std::size_t position) const;
  std::size_t word_before(std::size_t position) const;
  std::size_t word_after(std::size_t position) const;
  void recall(std::size_t index);
  std::string to_top() const;

  const std::string prompt_;
  const std::vector<std::string>& history_;
  std::size_t recalled_;  // history_.size(): the line itself
  std::string draft_;     // the line, while another is recalled
  std::string text_;
  std::size_t cursor_ = 0;      // in bytes
  std::size_t cursor_row_ = 0;  // below the prompt's, in what is drawn
  bool clears_screen_ = false;
};

}  // namespace shimmy::cli
