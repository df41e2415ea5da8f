#include "http/request_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shimmy::http {
namespace {

Limits small_limits() {
  Limits limits;
  limits.header_bytes = 1024;
  limits.body_bytes = 100;
  return limits;
}

struct Reading {
  int status = 0;  // of the failure; 0: none
  bool is_done = false;
  Request request;
  std::string rest;
};

// Feeds the bytes in pieces of `step`, as a session does.
Reading read(std::string_view bytes, std::size_t step = 100000) {
  RequestReader reader(small_limits());
  std::string input;
  while (!bytes.empty() && !reader.problem() && !reader.is_done()) {
    input += bytes.substr(0, step);
    bytes.remove_prefix(std::min(step, bytes.size()));
    input.erase(0, reader.feed(input));
    if (reader.has_head()) input.erase(0, reader.feed(input));
  }
  Reading result;
  result.is_done = reader.is_done();
  result.status = reader.problem().value_or(Problem{.status = 0}).status;
  result.rest = input + std::string(bytes);
  result.request = std::move(reader.request());
  return result;
}

TEST(RequestReader, ReadsARequestWithoutABody) {
  const Reading got = read("GET //a/%62/?x=1 HTTP/1.1\r\nHost: h\r\nX-A:  v \r\n\r\nGET /next");
  EXPECT_TRUE(got.is_done);
  EXPECT_EQ(got.request.method, "GET");
  EXPECT_EQ(got.request.path, "/a/b");
  EXPECT_EQ(got.request.query, "x=1");
  EXPECT_EQ(got.request.header("x-a"), "v");
  EXPECT_EQ(got.request.body, "");
  EXPECT_EQ(got.rest, "GET /next");
}

TEST(RequestReader, ReadsBodiesInPiecesOfAnySize) {
  const std::string_view sized =
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello worldREST";
  const std::string_view chunked =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "6;ext=1\r\nhello \r\n5\r\nworld\r\n0\r\nX-Trailer: 1\r\n\r\nREST";
  for (const std::string_view bytes : {sized, chunked}) {
    for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U}) {
      const Reading got = read(bytes, step);
      EXPECT_TRUE(got.is_done) << step;
      EXPECT_EQ(got.request.body, "hello world") << step;
      EXPECT_EQ(got.rest, "REST") << step;
    }
  }
}

TEST(RequestReader, KeepsTrailersOutOfTheHeaders) {
  const Reading got = read(
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nOrigin: "
      "forged\r\n\r\n");
  EXPECT_TRUE(got.is_done);
  EXPECT_EQ(got.request.header("origin"), "");
}

TEST(RequestReader, SkipsLineEndsBeforeTheRequest) {
  EXPECT_TRUE(read("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 1).is_done);
}

TEST(RequestReader, WaitsForMore) {
  for (const std::string_view bytes :
       {"", "G", "GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost: h\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"}) {
    const Reading got = read(bytes);
    EXPECT_FALSE(got.is_done) << bytes;
    EXPECT_EQ(got.status, 0) << bytes;
  }
}

TEST(RequestReader, RefusesWhatIsNotHttpOrAmbiguous) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::vector<std::string> cases = {
      "hello\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\xfc\x03\x03 tls\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET a HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01"
      "b\r\n\r\n",
      "G@T / HTTP/1.1\r\nHost: h\r\n\r\n",
      head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
      head + "Transfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
      head + "Content-Length: -1\r\n\r\n",
      head + "Content-Length: 0x3\r\n\r\n",
      head + "Content-Length: 3 3\r\n\r\n",
      head + "Content-Length: 99999999999999999999999\r\n\r\n",
      head + "Content-Length:\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  };
  for (const std::string& bytes : cases) {
    EXPECT_EQ(read(bytes).status, 400) << bytes;
    EXPECT_EQ(read(bytes, 1).status, 400) << bytes;
  }
}

TEST(RequestReader, NamesWhatItDoesNotSpeak) {
  EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n").status,
            501);
  EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n").status, 501);
  EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n").status, 417);
}

TEST(RequestReader, HoldsHeadersToTheirLimit) {
  const std::string large = "X: " + std::string(2000, 'x');
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: h\r\n" + large + "\r\n\r\n").status, 431);
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: h\r\n" + large, 10).status, 431);
  EXPECT_EQ(read("GET /" + std::string(2000, 'x') + " HTTP/1.1\r\n\r\n").status, 431);
  EXPECT_EQ(read(std::string(2000, 'x'), 10).status, 431);
  EXPECT_TRUE(
      read("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(900, 'x') + "\r\n\r\n").is_done);
}

TEST(RequestReader, HoldsChunkHeadersAndTrailersToTheLimit) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(read(head + "1;" + std::string(3000, 'x'), 100).status, 431);
  EXPECT_EQ(read(head + "0\r\nX: " + std::string(3000, 'x'), 100).status, 431);
}

TEST(RequestReader, RefusesALargeBodyBeforeItComes) {
  const Reading got = read("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n");
  EXPECT_EQ(got.status, 413);
  EXPECT_EQ(got.request.path, "/a");  // the error's shape may depend on it
  EXPECT_EQ(read("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n").status,
            413);
  EXPECT_EQ(read("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "64\r\n" +
                 std::string(100, 'x') + "\r\n1\r\n")
                .status,
            413);
}

TEST(RequestReader, StopsBehindTheHeadUntilAskedForTheBody) {
  RequestReader reader(small_limits());
  const std::string_view head = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n";
  EXPECT_EQ(reader.feed(std::string(head) + "abcREST"), head.size());
  EXPECT_TRUE(reader.has_head());
  EXPECT_FALSE(reader.is_done() || reader.is_read());
  EXPECT_EQ(reader.feed("abcREST"), 3U);
  EXPECT_TRUE(reader.is_done() && reader.is_read());
  EXPECT_EQ(reader.request().body, "abc");
  EXPECT_EQ(reader.feed("REST"), 0U);
}

TEST(RequestReader, KnowsTheBodysFailingsOnlyWhenAskedForIt) {
  RequestReader reader(small_limits());
  reader.feed("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 999\r\n\r\n");
  EXPECT_FALSE(reader.problem());
  reader.feed("");
  EXPECT_EQ(reader.problem().value_or(Problem{}).status, 413);
}

TEST(RequestReader, ABodyThatIsSkippedIsNotRead) {
  RequestReader reader(small_limits());
  reader.feed("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
  reader.skip_body();
  EXPECT_TRUE(reader.is_done());
  EXPECT_FALSE(reader.is_read());
}

TEST(RequestReader, Http2_RefusesRepeatedLengthsEvenIfTheyAgree) {
  EXPECT_EQ(
      read("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx").status,
      400);
}

TEST(RequestReader, Http414_NamesAnUriThatIsTooLong) {
  Limits limits;
  limits.target_bytes = 10;
  RequestReader reader(limits);
  reader.feed("GET /0123456789");
  EXPECT_EQ(reader.problem().value_or(Problem{}).status, 414);
}

TEST(RequestReader, KnowsWhoStays) {
  const auto keeps_alive = [](std::string_view bytes) {
    RequestReader reader(small_limits());
    reader.feed(bytes);
    EXPECT_TRUE(reader.is_done()) << bytes;
    return reader.wants_keep_alive();
  };
  EXPECT_TRUE(keeps_alive("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n"));
  EXPECT_FALSE(keeps_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestReader, NoticesTheWishToBeAskedForTheBody) {
  RequestReader reader(small_limits());
  reader.feed("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_TRUE(reader.has_head());
  EXPECT_TRUE(reader.expects_continue());
}

}  // namespace
}  // namespace shimmy::http
