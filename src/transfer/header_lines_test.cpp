#include "transfer/header_lines.h"

#include <gtest/gtest.h>

namespace shimmy::transfer {
namespace {

TEST(HeaderLines, BuildAHead) {
  HeaderLines lines;
  EXPECT_FALSE(lines.add("HTTP/1.1 206 Partial Content\r\n"));
  EXPECT_FALSE(lines.add("ETag:\t\"a:b\" \r\n"));
  EXPECT_FALSE(lines.add("no colon\r\n"));
  EXPECT_TRUE(lines.add("\r\n"));
  const ResponseHead head = lines.take();
  EXPECT_EQ(head.status, 206);
  ASSERT_EQ(head.headers.size(), 1);
  EXPECT_EQ(head.header("etag"), "\"a:b\"");
}

TEST(HeaderLines, BeginAnewWithAStatusLine) {
  HeaderLines lines;
  lines.add("HTTP/1.1 103\r\n");
  lines.add("Link: x\r\n");
  EXPECT_TRUE(lines.add("\r\n"));
  EXPECT_EQ(lines.take().status, 103);
  lines.add("HTTP/2 200\r\n");
  EXPECT_TRUE(lines.add("\r\n"));
  const ResponseHead head = lines.take();
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.headers.empty());
}

TEST(HeaderLines, PassOverTrailersAndEmptyLines) {
  HeaderLines lines;
  EXPECT_FALSE(lines.add("\r\n"));
  EXPECT_FALSE(lines.add("X-Checksum: 1\r\n"));
  EXPECT_FALSE(lines.add("\r\n"));
}

TEST(HeaderLines, GiveAStatusThatIsNoneAsZero) {
  HeaderLines lines;
  lines.add("HTTP/1.1");
  lines.add("HTTP/1.1 abc");
  EXPECT_FALSE(lines.add(""));
}

}  // namespace
}  // namespace shimmy::transfer
