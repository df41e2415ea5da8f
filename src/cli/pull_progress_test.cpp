#include "cli/pull_progress.h"

#include <gmock/gmock.h>

#include <sstream>

#include "cli/text_width.h"
#include "support/fake_clock.h"

namespace shimmy::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

pull::Downloading half() {
  return {0, 500'000'000, 1'000'000'000, 12'300'000, std::chrono::seconds(41)};
}

TEST(PullLine, SaysHowMuchHowFastAndHowLong) {
  EXPECT_EQ(pull_line("m.gguf", half(), 0),
            "m.gguf:  50%  500.0 MB of 1.0 GB  12.3 MB/s  0:41 left");
}

TEST(PullLine, SaysWhatIsKnown) {
  EXPECT_EQ(pull_line("m.gguf", {0, 5000, 0, 0, {}}, 0), "m.gguf: 5.0 kB");
  EXPECT_EQ(pull_line("m.gguf", {0, 0, 1000, 0, {}}, 0), "m.gguf:   0%  0 B of 1.0 kB");
  EXPECT_EQ(pull_line("m.gguf", {0, 1000, 1000, 10, std::chrono::seconds(0)}, 0),
            "m.gguf: 100%  1.0 kB of 1.0 kB  10 B/s");
}

TEST(PullLine, FitsAnyTerminal) {
  const std::string name = "a-very-long-name-of-a-model-Q4_K_M-00001-of-00009.gguf";
  EXPECT_THAT(pull_line(name, half(), 120), HasSubstr("[##########          ]  50%"));
  for (std::size_t width = 1; width < 130; ++width) {
    EXPECT_LE(columns(pull_line(name, half(), width)), width) << width;
  }
}

TEST(ClockTime, IsShort) {
  EXPECT_EQ(clock_time(std::chrono::seconds(7)), "0:07");
  EXPECT_EQ(clock_time(std::chrono::seconds(754)), "12:34");
  EXPECT_EQ(clock_time(std::chrono::seconds(3723)), "1:02:03");
}

class PullProgressTest : public testing::Test {
 protected:
  PullProgressTest() {
    plan_.files = {{"u", {}, "/d/a.gguf", 1000, {}}, {"u", {}, "/d/b\x1b[2J.gguf", 2000, {}}};
  }

  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Terminal terminal_{in_, out_, err_};
  pull::Plan plan_;
  support::FakeClock clock_;
};

TEST_F(PullProgressTest, IsPlainAndRareWithoutATerminal) {
  PullProgress progress(terminal_, plan_, clock_);
  for (std::uint64_t done = 0; done <= 1000; done += 100) {
    progress.show(pull::Downloading{0, done, 1000, 0, {}});
    clock_.advance(std::chrono::seconds(1));
  }
  progress.show(pull::FileDone{0, false});
  EXPECT_EQ(err_.str(),
            "a.gguf:   0%  0 B of 1.0 kB\na.gguf:  50%  500 B of 1.0 kB\n"
            "a.gguf: 100%  1.0 kB of 1.0 kB\na.gguf: done\n");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(PullProgressTest, TellsWhatIsUrgentAtOnce) {
  PullProgress progress(terminal_, plan_, clock_);
  progress.show(pull::Retrying{
      0, {base::ErrorCode::Unavailable, "It broke off.", {}, {}}, std::chrono::milliseconds(2000)});
  progress.show(pull::Waiting{1});
  EXPECT_THAT(err_.str(), HasSubstr("a.gguf: It broke off. Trying again in 2 s.\n"));
  EXPECT_THAT(err_.str(), HasSubstr("another pull of it is under way"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("\x1b")));
}

TEST_F(PullProgressTest, RedrawsItsLinesOnATerminal) {
  terminal_.err_is_tty = true;
  terminal_.width = 60;
  PullProgress progress(terminal_, plan_, clock_);
  progress.show(pull::Downloading{0, 100, 1000, 0, {}});
  progress.show(pull::Downloading{1, 100, 2000, 0, {}});
  progress.show(pull::FileDone{0, true});
  EXPECT_THAT(err_.str(), HasSubstr("\x1b[2A\ra.gguf: already there\x1b[K\n"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("\x1b[2J")));
  EXPECT_EQ(progress.bytes_there(), 1100);
}

}  // namespace
}  // namespace shimmy::cli
