#include "http/chunked_body.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace shimmy::http {
namespace {

struct Reading {
  std::string content;
  std::string rest;
  int status = 0;  // of the problem; 0: none
  bool is_done = false;
};

Reading read(std::string_view bytes, std::size_t step) {
  ChunkedBody body(/*line_bytes=*/40);
  Reading result;
  while (!bytes.empty() && !body.is_done() && !body.problem()) {
    std::string_view part = bytes.substr(0, step);
    while (!part.empty() && !body.is_done() && !body.problem()) {
      const ChunkedBody::Piece piece = body.take(part);
      result.content += piece.content;
      part.remove_prefix(piece.used);
      bytes.remove_prefix(piece.used);
    }
  }
  result.rest = bytes;
  result.status = body.problem().value_or(Problem{.status = 0}).status;
  result.is_done = body.is_done();
  return result;
}

TEST(ChunkedBody, TakesTheCodingOff) {
  for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U}) {
    const Reading got =
        read("6\r\nhello \r\n5;a=b;c=\"d e\"\r\nworld\r\n0\r\nX: 1\r\nY: 2\r\n\r\nREST", step);
    EXPECT_TRUE(got.is_done) << step;
    EXPECT_EQ(got.content, "hello world") << step;
    EXPECT_EQ(got.rest, "REST") << step;
  }
}

TEST(ChunkedBody, TakesContentForContentWhateverItLooksLike) {
  EXPECT_EQ(read("7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n", 1).content, "0\r\n\r\n\r\n");
}

TEST(ChunkedBody, ReadsSizesInEitherCase) {
  EXPECT_EQ(read("A\r\n0123456789\r\n0\r\n\r\n", 3).content, "0123456789");
  EXPECT_EQ(read("00a\r\n0123456789\r\n000\r\n\r\n", 3).content, "0123456789");
}

TEST(ChunkedBody, MayBeEmpty) {
  const Reading got = read("0\r\n\r\n", 1);
  EXPECT_TRUE(got.is_done);
  EXPECT_EQ(got.content, "");
}

TEST(ChunkedBody, WaitsForTheLastLine) {
  const std::string_view whole = "3\r\nabc\r\n0\r\nX: 1\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Reading got = read(whole.substr(0, size), 2);
    EXPECT_FALSE(got.is_done) << size;
    EXPECT_EQ(got.status, 0) << size;
  }
}

TEST(ChunkedBody, Http2_RefusesBadSizes) {
  for (const std::string_view bytes :
       {"\r\n", "g\r\n", "-1\r\n", "+1\r\n", " 1\r\n", "1 \r\n", "0x1\r\n", "1\n", "1\r1", ";a\r\n",
        "11111111111111111\r\n", "00000000000000001\r\n", "1;a\x01\r\n", "1;a\nb\r\n",
        "\xff\r\n"}) {
    for (const std::size_t step : {1U, 1000U}) {
      EXPECT_EQ(read(bytes, step).status, 400) << bytes << " " << step;
    }
  }
}

TEST(ChunkedBody, Http2_RefusesChunksOfAnotherLength) {
  EXPECT_EQ(read("3\r\nabcd\r\n", 1).status, 400);
  EXPECT_EQ(read("3\r\nabc\n", 1).status, 400);
  EXPECT_EQ(read("3\r\nabc\rX", 1).status, 400);
  EXPECT_EQ(read("3\r\nab\r\n0\r\n\r\n", 1).status, 400);
}

TEST(ChunkedBody, RefusesTrailersThatAreNotLines) {
  EXPECT_EQ(read("0\r\nX: 1\n\r\n", 1).status, 400);
  EXPECT_EQ(read("0\r\nX: \x01\r\n\r\n", 1).status, 400);
  EXPECT_EQ(read("0\r\n\rX", 1).status, 400);
}

TEST(ChunkedBody, HoldsLinesAndTrailersToTheLimit) {
  EXPECT_EQ(read("1;" + std::string(50, 'x'), 7).status, 431);
  EXPECT_EQ(read("0\r\nX: " + std::string(50, 'x'), 7).status, 431);
  std::string many = "0\r\n";
  for (int i = 0; i < 20; ++i) many += "a:\r\n";
  EXPECT_EQ(read(many, 1000).status, 431);
  std::string each;  // the limit is for one size line, not for all
  for (int i = 0; i < 20; ++i) each += "1;xxxxxxxxxx\r\na\r\n";
  EXPECT_EQ(read(each, 1000).content, std::string(20, 'a'));
}

TEST(ChunkedBody, TellsWhatIsStillToComeOfAChunk) {
  ChunkedBody body(40);
  body.take("FFFFFFFFFFFFFFF");
  EXPECT_EQ(body.outstanding(), 0U);  // the size may have more digits
  body.take("F\r\n");
  EXPECT_EQ(body.outstanding(), UINT64_MAX);
  body.take("ab");
  EXPECT_EQ(body.outstanding(), UINT64_MAX - 2);
}

}  // namespace
}  // namespace shimmy::http
