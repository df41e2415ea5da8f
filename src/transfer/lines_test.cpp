#include "transfer/lines.h"

#include <gtest/gtest.h>

#include <vector>

namespace shimmy::transfer {
namespace {

using base::ErrorCode;
using base::Result;
using Lines = std::vector<std::string>;

TEST(LineSplitter, FindsLinesAcrossPieces) {
  Lines lines;
  LineSplitter splitter([&](std::string_view line) -> Result<void> {
    lines.emplace_back(line);
    return {};
  });
  for (const std::string_view piece : {"one\ntw", "", "o\r", "\n\nthr", "ee"}) {
    ASSERT_TRUE(splitter.add(piece));
  }
  EXPECT_EQ(lines, (Lines{"one", "two", ""}));
  ASSERT_TRUE(splitter.finish());
  EXPECT_EQ(lines.back(), "three");
}

TEST(LineSplitter, RefusesALineWithoutEnd) {
  LineSplitter splitter([](std::string_view) -> Result<void> { return {}; }, 4);
  EXPECT_TRUE(splitter.add("four"));
  EXPECT_TRUE(splitter.add("\nfour\n"));
  EXPECT_TRUE(splitter.add("fou"));
  const auto added = splitter.add("rs");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::Io);
}

TEST(LineSplitter, FailsAsItsUserDoes) {
  int used = 0;
  LineSplitter splitter([&](std::string_view) -> Result<void> {
    ++used;
    return base::fail(ErrorCode::Cancelled, "enough");
  });
  const auto added = splitter.add("a\nb\n");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "enough");
  EXPECT_EQ(used, 1);
}

Lines events_of(std::string_view text) {
  Lines events;
  SseReader reader([&](const SseEvent& event) -> Result<void> {
    events.push_back(event.name + '|' + event.data);
    return {};
  });
  for (const char c : text) EXPECT_TRUE(reader.add(std::string_view(&c, 1)));
  return events;
}

TEST(SseReader, ReadsEvents) {
  EXPECT_EQ(events_of("data: one\n\nevent: done\ndata:two\r\n\r\n"),
            (Lines{"message|one", "done|two"}));
}

TEST(SseReader, JoinsTheLinesOfAnEvent) {
  EXPECT_EQ(events_of("data: a\ndata\ndata:  b\n\n"), Lines{"message|a\n\n b"});
}

TEST(SseReader, SkipsCommentsUnknownFieldsAndEventsWithoutData) {
  EXPECT_EQ(events_of(": beat\n\nid: 4\nretry: 1\n\nevent: empty\n\ndata: x\n\n"),
            Lines{"message|x"});
}

TEST(SseReader, DropsAnEventThatIsCutOff) { EXPECT_EQ(events_of("data: x\n"), Lines{}); }

}  // namespace
}  // namespace shimmy::transfer
