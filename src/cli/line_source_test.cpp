#include "cli/line_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <sstream>

namespace shimmy::cli {
namespace {

class LineSourceTest : public testing::Test {
 protected:
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Terminal terminal_{in_, out_, err_};
};

TEST_F(LineSourceTest, ReadsPlainLines) {
  in_.str("one\n\ntwo");
  const auto lines = line_source(terminal_);
  EXPECT_EQ(lines->read("> ", {}, {}).text, "one");
  EXPECT_EQ(lines->read("> ", {}, {}).kind, Line::Kind::Text);
  EXPECT_EQ(lines->read("> ", {}, {}).text, "two");
  EXPECT_EQ(lines->read("> ", {}, {}).kind, Line::Kind::Ended);
  EXPECT_EQ(out_.str(), "") << "no prompt where nobody sees it";
}

TEST_F(LineSourceTest, EndsWhenStopped) {
  in_.str("one\n");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(line_source(terminal_)->read("> ", {}, stop.get_token()).kind, Line::Kind::Ended);
}

// Both ends of a pseudo-terminal.
class TerminalLines : public LineSourceTest {
 protected:
  TerminalLines() : keys_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    grantpt(keys_);
    unlockpt(keys_);
    terminal_.in_descriptor = open(ptsname(keys_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    terminal_.in_is_tty = terminal_.out_is_tty = true;
    lines_ = line_source(terminal_);
  }
  ~TerminalLines() override {
    if (terminal_.in_descriptor >= 0) close(terminal_.in_descriptor);
    if (keys_ >= 0) close(keys_);
  }

  // As typed before the editor asks: it must lose none of it.
  void type(std::string_view bytes) {
    termios mode{};
    tcgetattr(terminal_.in_descriptor, &mode);
    mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    mode.c_iflag &= ~static_cast<tcflag_t>(ICRNL);
    tcsetattr(terminal_.in_descriptor, TCSANOW, &mode);
    ASSERT_EQ(write(keys_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

  int keys_;
  std::unique_ptr<LineSource> lines_;
};

TEST_F(TerminalLines, EditsWhatIsTyped) {
  type("Hellp\x7fo\r");
  const Line line = lines_->read(">>> ", {}, {});
  EXPECT_EQ(line.kind, Line::Kind::Text);
  EXPECT_EQ(line.text, "Hello");
  EXPECT_NE(out_.str().find(">>> "), std::string::npos);
}

TEST_F(TerminalLines, KeepsWhatIsTypedAheadForTheNextLine) {
  type("one\rtwo\r");
  EXPECT_EQ(lines_->read("> ", {}, {}).text, "one");
  EXPECT_EQ(lines_->read("> ", {}, {}).text, "two");
}

TEST_F(TerminalLines, TellsInterruptAndEnd) {
  type("abc\x03\x04");
  EXPECT_EQ(lines_->read("> ", {}, {}).kind, Line::Kind::Interrupted);
  EXPECT_EQ(lines_->read("> ", {}, {}).kind, Line::Kind::Ended);
}

TEST_F(TerminalLines, RecallsTheHistory) {
  type("\x1b[A\r");
  EXPECT_EQ(lines_->read("> ", {"earlier"}, {}).text, "earlier");
}

TEST_F(TerminalLines, LeavesTheTerminalAsItWas) {
  type("a\r");
  termios before{};
  termios after{};
  tcgetattr(terminal_.in_descriptor, &before);
  lines_->read("> ", {}, {});
  tcgetattr(terminal_.in_descriptor, &after);
  EXPECT_EQ(before.c_lflag, after.c_lflag);
  EXPECT_EQ(before.c_iflag, after.c_iflag);
}

TEST_F(TerminalLines, IsInterruptedWhenStoppedAndEndsWhenHungUp) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(lines_->read("> ", {}, stop.get_token()).kind, Line::Kind::Interrupted);
  close(keys_);
  keys_ = -1;
  EXPECT_EQ(lines_->read("> ", {}, {}).kind, Line::Kind::Ended);
}

}  // namespace
}  // namespace shimmy::cli
