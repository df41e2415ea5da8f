#include "cli/name_list.h"

#include <gtest/gtest.h>

#include <vector>

namespace shimmy::cli {
namespace {

TEST(NameList, CountsWhatItLeavesOut) {
  const std::vector<models::ModelEntry> entries{{.name = "a"}, {.name = "b"}, {.name = "c"}};
  EXPECT_EQ(name_list(entries, 3), "a, b, c");
  EXPECT_EQ(name_list(entries, 2), "a, b and 1 more");
  EXPECT_EQ(name_list({}, 2), "");
}

TEST(NameList, EscapesControlCharacters) {
  const std::vector<models::ModelEntry> entries{{.name = "evil\x1b[2J"}};
  EXPECT_EQ(name_list(entries, 1), "evil\\x1b[2J");
}

}  // namespace
}  // namespace shimmy::cli
