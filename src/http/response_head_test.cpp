#include "http/response_head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace shimmy::http {
namespace {

TEST(ResponseHead, WritesEveryHeaderOnce) {
  const std::vector<Header> headers = {{"Retry-After", "1"}};
  EXPECT_EQ(serialised({.status = 503,
                        .content_type = "application/json",
                        .headers = {headers},
                        .content_length = 12,
                        .request_id = "req_1",
                        .server_name = "shimmy/1",
                        .now = 784111777}),
            "HTTP/1.1 503 Service Unavailable\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Server: shimmy/1\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: 12\r\n"
            "x-request-id: req_1\r\n"
            "request-id: req_1\r\n"
            "Retry-After: 1\r\n"
            "\r\n");
}

TEST(ResponseHead, AnnouncesChunks) {
  ResponseHead head;
  head.framing = Framing::Chunked;
  EXPECT_NE(serialised(head).find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(serialised(head).find("Content-Length"), std::string::npos);
}

TEST(ResponseHead, SaysNothingOfLengthWhenTheEndIsTheClose) {
  ResponseHead head;
  head.framing = Framing::Close;
  head.keeps_alive = false;
  EXPECT_EQ(serialised(head).find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(serialised(head).find("Content-Length"), std::string::npos);
  EXPECT_NE(serialised(head).find("Connection: close\r\n"), std::string::npos);
}

TEST(ResponseHead, TellsOldClientsThatTheConnectionStays) {
  ResponseHead head;
  EXPECT_EQ(serialised(head).find("Connection"), std::string::npos);
  head.is_http10 = true;
  EXPECT_NE(serialised(head).find("Connection: keep-alive\r\n"), std::string::npos);
}

TEST(ResponseHead, GivesNoLengthWhereThereIsNeverABody) {
  for (const int status : {100, 204, 304}) {
    ResponseHead head;
    head.status = status;
    EXPECT_FALSE(may_have_body(status));
    EXPECT_EQ(serialised(head).find("Content-Length"), std::string::npos) << status;
  }
  EXPECT_TRUE(may_have_body(200));
}

TEST(ResponseHead, NoValueCanStartALineOfItsOwn) {
  const std::vector<Header> headers = {{"X-A", "b\r\nX-Forged: 1"},
                                       {"X-B", std::string("\0\x7f", 2)}};
  ResponseHead head;
  head.content_type = "a\r\nX-Forged: 2";
  head.headers = {headers};
  EXPECT_EQ(serialised(head).find("\nX-Forged"), std::string::npos);
  EXPECT_NE(serialised(head).find("X-A: b  X-Forged: 1\r\n"), std::string::npos);
  EXPECT_NE(serialised(head).find("X-B:   \r\n"), std::string::npos);
}

TEST(ResponseHead, LeavesOutFramingAndBrokenNames) {
  const std::vector<Header> headers = {{"Content-length", "99"},
                                       {"TRANSFER-ENCODING", "x"},
                                       {"Connection", "x"},
                                       {"", "x"},
                                       {"A B", "x"},
                                       {"A:B", "x"},
                                       {"A\r\nB", "x"},
                                       {"X-Good", "y"}};
  ResponseHead head;
  head.headers = {headers};
  EXPECT_EQ(serialised(head).find("x\r\n"), std::string::npos);
  EXPECT_EQ(serialised(head).find("99"), std::string::npos);
  EXPECT_NE(serialised(head).find("X-Good: y\r\n"), std::string::npos);
}

TEST(ResponseHead, KnowsTheReasons) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(299), "Unknown");
}

TEST(ResponseHead, WritesDatesInEnglish) {
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(1709210096), "Thu, 29 Feb 2024 12:34:56 GMT");
}

}  // namespace
}  // namespace shimmy::http
