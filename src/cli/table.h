// A table of text that fits the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace shimmy::cli {

enum class Align { Left, Right };

struct Column {
  std::string title;
  Align align = Align::Left;
  int importance = 0;  // where there is no room, the least important columns go first
};

// One line a row under a line of titles, two spaces between columns. In `width` columns (0:
// unlimited): whole columns go first, never the first one; what is then still too long is cut with
// a "…". Requires: each row has as many cells as there are columns.
std::string render_table(const std::vector<Column>& columns,
                         const std::vector<std::vector<std::string>>& rows, std::size_t width);

}  // namespace shimmy::cli
