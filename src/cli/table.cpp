#include "cli/table.h"

#include <algorithm>
#include <numeric>

#include "cli/text_width.h"

namespace shimmy::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowestName = 32;  // columns that the first one keeps while others can go

struct Shown {
  std::size_t index = 0;
  std::size_t width = 0;
};

std::size_t total(const std::vector<Shown>& shown) {
  return std::accumulate(shown.begin(), shown.end(), (shown.size() - 1) * kGap,
                         [](std::size_t sum, const Shown& column) { return sum + column.width; });
}

void shrink(std::vector<Shown>& shown, const std::vector<Column>& columns, std::size_t width) {
  const std::size_t name = std::min(shown.front().width, kNarrowestName);
  while (shown.size() > 1 && total(shown) - shown.front().width + name > width) {
    shown.erase(
        std::min_element(shown.begin() + 1, shown.end(), [&](const Shown& a, const Shown& b) {
          return columns[a.index].importance < columns[b.index].importance;
        }));
  }
  const std::size_t others = total(shown) - shown.front().width;
  if (total(shown) > width) shown.front().width = width > others ? width - others : 1;
}

std::string line(const std::vector<Shown>& shown, const std::vector<Column>& columns,
                 const std::vector<std::string>& cells) {
  std::string result;
  for (const Shown& column : shown) {
    const std::string cell = elide(cells[column.index], column.width);
    const std::string padding(column.width - cli::columns(cell), ' ');
    if (!result.empty()) result += std::string(kGap, ' ');
    result += columns[column.index].align == Align::Right ? padding + cell : cell + padding;
  }
  result.erase(result.find_last_not_of(' ') + 1);
  return result + '\n';
}

}  // namespace

std::string render_table(const std::vector<Column>& columns,
                         const std::vector<std::vector<std::string>>& rows, std::size_t width) {
  std::vector<Shown> shown;
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Shown column{i, cli::columns(columns[i].title)};
    for (const auto& row : rows) column.width = std::max(column.width, cli::columns(row[i]));
    shown.push_back(column);
    titles.push_back(columns[i].title);
  }
  if (width > 0) shrink(shown, columns, width);
  std::string result = line(shown, columns, titles);
  for (const auto& row : rows) result += line(shown, columns, row);
  return result;
}

}  // namespace shimmy::cli
