// Shows a chat's answer as it comes.
#pragma once

#include <string>
#include <string_view>

#include "app/chat_model.h"
#include "cli/terminal.h"

namespace shimmy::cli {

// Text that a terminal may get: lines and tabs stay, other control characters are escaped.
std::string printable(std::string_view text);

// One per answer. On a terminal thoughts are dimmed, and nothing that the model writes is obeyed;
// elsewhere the text goes out as it is, and thoughts are left out.
class ChatPrinter {
 public:
  explicit ChatPrinter(Terminal& terminal) : terminal_(terminal) {}

  // False when nobody reads any more.
  bool show(const app::ChatPiece& piece);

  // A newline where the text has none at its end.
  void finish();

  WriteResult written() const { return written_; }
  const std::string& text() const { return text_; }  // all of it, thoughts aside

 private:
  bool write(const std::string& text);

  Terminal& terminal_;
  WriteResult written_ = WriteResult::Written;
  std::string text_;
  bool is_thinking_ = false;
  char last_ = '\n';
};

// Speeds and counts, a line each.
std::string chat_stats(const app::ChatAnswer& answer);

}  // namespace shimmy::cli
