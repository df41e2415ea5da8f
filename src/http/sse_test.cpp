#include "http/sse.h"

#include <gtest/gtest.h>

namespace shimmy::http {
namespace {

TEST(Sse, WritesOneLineAsOneEvent) {
  EXPECT_EQ(sse_event(R"({"a":1})"), "data: {\"a\":1}\n\n");
  EXPECT_EQ(sse_event("[DONE]"), "data: [DONE]\n\n");
  EXPECT_EQ(sse_event(""), "data: \n\n");
}

TEST(Sse, GivesEveryLineItsOwnField) {
  EXPECT_EQ(sse_event("a\nb"), "data: a\ndata: b\n\n");
  EXPECT_EQ(sse_event("a\r\nb"), "data: a\ndata: b\n\n");
  EXPECT_EQ(sse_event("a\rb"), "data: a\ndata: b\n\n");
  EXPECT_EQ(sse_event("a\n\nb"), "data: a\ndata: \ndata: b\n\n");
  EXPECT_EQ(sse_event("a\r\r\nb"), "data: a\ndata: \ndata: b\n\n");
  EXPECT_EQ(sse_event("a\n"), "data: a\ndata: \n\n");
  EXPECT_EQ(sse_event("x\n\nevent: forged"), "data: x\ndata: \ndata: event: forged\n\n");
}

TEST(Sse, NamesTheEvent) {
  EXPECT_EQ(sse_event("{}", "ping"), "event: ping\ndata: {}\n\n");
  EXPECT_EQ(sse_event("{}", "ping\ndata: forged"), "event: ping\ndata: {}\n\n");
}

TEST(Sse, CommentsNeverBecomeEvents) {
  EXPECT_EQ(sse_comment("ka"), ": ka\n\n");
  EXPECT_EQ(sse_comment("a\ndata: b"), ": a\n: data: b\n\n");
}

}  // namespace
}  // namespace shimmy::http
