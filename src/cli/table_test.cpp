#include "cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/text_width.h"

namespace shimmy::cli {
namespace {

const std::vector<Column> kColumns{
    {"NAME", Align::Left, 9}, {"SIZE", Align::Right, 5}, {"SOURCE", Align::Left, 1}};
const std::vector<std::vector<std::string>> kRows{
    {"a-model-of-long-name-instruct", "98.4 MB", "./models"}, {"b", "1 B", "x"}};

std::size_t widest(const std::string& table) {
  std::size_t result = 0;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) result = std::max(result, columns(line));
  return result;
}

TEST(Table, AlignsColumns) {
  EXPECT_EQ(render_table(kColumns, kRows, 0),
            "NAME                              SIZE  SOURCE\n"
            "a-model-of-long-name-instruct  98.4 MB  ./models\n"
            "b                                  1 B  x\n");
}

TEST(Table, DropsTheLeastImportantColumnFirst) {
  const std::string table = render_table(kColumns, kRows, 40);
  EXPECT_EQ(table,
            "NAME                              SIZE\n"
            "a-model-of-long-name-instruct  98.4 MB\n"
            "b                                  1 B\n");
}

TEST(Table, CutsLongNameBeforeItDropsWhatFitsBesideIt) {
  const std::vector<std::vector<std::string>> rows{{std::string(50, 'n'), "98.4 MB", "./models"}};
  EXPECT_EQ(render_table(kColumns, rows, 43), "NAME                                   SIZE\n" +
                                                  std::string(33, 'n') + "…  98.4 MB\n");
}

TEST(Table, FitsEveryWidth) {
  for (std::size_t width = 1; width <= 60; ++width) {
    EXPECT_LE(widest(render_table(kColumns, kRows, width)), width) << width;
  }
}

TEST(Table, ShowsTitlesWithoutRows) {
  EXPECT_EQ(render_table(kColumns, {}, 0), "NAME  SIZE  SOURCE\n");
}

}  // namespace
}  // namespace shimmy::cli
