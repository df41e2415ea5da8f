#include "cli/loading_bar.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/text_width.h"

namespace shimmy::cli {
namespace {

TEST(LoadingBar, ShowsNameBarAndShare) {
  EXPECT_EQ(loading_line("m", 0.5F, 80), "Loading m [##########          ]  50%");
}

TEST(LoadingBar, LeavesTheBarOutWhereThereIsNoRoom) {
  EXPECT_EQ(loading_line("SmolLM2-135M-Instruct.Q4_1", 0.42F, 39),
            "Loading SmolLM2-135M-Instruct.Q4_1  42%");
}

TEST(LoadingBar, FitsEveryWidth) {
  for (std::size_t width = 0; width < 100; ++width) {
    EXPECT_LE(columns(loading_line("SmolLM2-135M-Instruct.Q4_1", 1, width)), width) << width;
  }
}

TEST(LoadingBar, BoundsTheShare) {
  EXPECT_EQ(loading_line("m", 7, 80), "Loading m [####################] 100%");
  EXPECT_EQ(loading_line("m", -1, 80), "Loading m [                    ]   0%");
}

TEST(LoadingBar, WipesItsLine) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{in, out, err, false, false, true, 40};
  {
    LoadingBar bar(terminal, "m");
    bar.show(1);
    bar.show(1);
  }
  const std::string line = loading_line("m", 1, 39);
  EXPECT_EQ(err.str(), "\r" + line + "\r" + std::string(line.size(), ' ') + "\r");
  EXPECT_EQ(out.str(), "");
}

TEST(LoadingBar, IsSilentWithoutTerminal) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{in, out, err};
  {
    LoadingBar(terminal, "m").show(0.5F);
  }
  EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace shimmy::cli
