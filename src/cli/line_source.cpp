#include "cli/line_source.h"

#include <sys/ioctl.h>

#include "cli/keyboard.h"
#include "cli/line_editor.h"

namespace shimmy::cli {
namespace {

class StreamLines final : public LineSource {
 public:
  explicit StreamLines(Terminal& terminal) : terminal_(terminal) {}

  Line read(const std::string& prompt, const std::vector<std::string>& /*history*/,
            std::stop_token stop) override {
    if (terminal_.out_is_tty) write_out(terminal_, prompt);
    Line line;
    if (stop.stop_requested() || !std::getline(terminal_.in, line.text)) return {};
    line.kind = Line::Kind::Text;
    return line;
  }

 private:
  Terminal& terminal_;
};

class EditedLines final : public LineSource {
 public:
  explicit EditedLines(Terminal& terminal) : terminal_(terminal) {}

  Line read(const std::string& prompt, const std::vector<std::string>& history,
            std::stop_token stop) override {
    constexpr const char* bracket_pastes = "\x1b[?2004h";
    constexpr const char* no_brackets = "\x1b[?2004l";
    LineEditor editor(prompt, history);
    Keyboard keyboard(terminal_.in_descriptor);
    write_out(terminal_, bracket_pastes);
    const Line::Kind kind = edit(editor, keyboard, stop);
    write_out(terminal_, editor.leave(width()) + no_brackets);
    return {kind, kind == Line::Kind::Text ? editor.text() : ""};
  }

 private:
  Line::Kind edit(LineEditor& editor, Keyboard& keyboard, const std::stop_token& stop) {
    while (true) {
      const auto key = decoder_.next();
      if (!key) {
        if (write_out(terminal_, editor.draw(width())) != WriteResult::Written) break;
        const auto bytes = keyboard.read(stop);
        // A Ctrl-C that came before the terminal handed keys over is one, too.
        if (!bytes && stop.stop_requested()) return Line::Kind::Interrupted;
        if (!bytes) break;
        decoder_.push(*bytes);
        continue;
      }
      switch (editor.press(*key)) {
        case LineEditor::State::Editing: break;
        case LineEditor::State::Done: return Line::Kind::Text;
        case LineEditor::State::Interrupted: return Line::Kind::Interrupted;
        case LineEditor::State::Ended: return Line::Kind::Ended;
      }
    }
    return Line::Kind::Ended;
  }

  std::size_t width() const {
    winsize size{};
    if (ioctl(terminal_.in_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
      return size.ws_col;
    }
    return terminal_.width > 0 ? terminal_.width : 80;
  }

  Terminal& terminal_;
  KeyDecoder decoder_;  // keys that came after Enter are for the next line
};

}  // namespace

std::unique_ptr<LineSource> line_source(Terminal& terminal) {
  if (terminal.in_descriptor >= 0 && terminal.in_is_tty && terminal.out_is_tty) {
    return std::make_unique<EditedLines>(terminal);
  }
  return std::make_unique<StreamLines>(terminal);
}

}  // namespace shimmy::cli
