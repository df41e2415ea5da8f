#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server.h"
#include "support/compressed.h"
#include "support/http_server.h"
#include "support/raw_client.h"

namespace shimmy::http {
namespace {

using support::ask;
using support::get;
using support::HttpServer;
using support::RawClient;
using support::RawResponse;

std::vector<Route> echo_routes() {
  return {{"POST", "/echo", support::echo, RunsOn::Worker},
          {"GET", "/echo", support::echo, RunsOn::Io},
          {"POST", "/size",
           [](const std::shared_ptr<Exchange>& exchange) {
             exchange->respond(support::text(std::to_string(exchange->request().body.size())));
           },
           RunsOn::Worker}};
}

std::string gzipped(std::string text) {
  return support::compressed(std::move(text), support::Packing::Gzip);
}

std::string post(const std::string& path, const std::string& headers, std::string_view body) {
  std::string bytes = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers +
                      "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return bytes += body;
}

TEST(ServerBodies, Http3_UnpacksGzip) {
  const HttpServer server(echo_routes());
  EXPECT_EQ(ask(server.port(), post("/echo", "Content-Encoding: gzip\r\n", gzipped("hello"))).body,
            "POST /echo?\nhello");
}

TEST(ServerBodies, Http3_UnpacksChunkedGzip) {
  const HttpServer server(echo_routes());
  const std::string packed = gzipped("hello");
  std::string bytes =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (const char byte : packed) (bytes += "1\r\n") += std::string{byte} + "\r\n";
  EXPECT_EQ(ask(server.port(), bytes + "0\r\n\r\n").body, "POST /echo?\nhello");
}

TEST(ServerBodies, Http3_AnswersUnknownEncodingsWith415) {
  const HttpServer server(echo_routes());
  for (const std::string encoding : {"zstd", "br", "gzip, deflate"}) {
    RawResponse response =
        ask(server.port(), post("/echo", "Content-Encoding: " + encoding + "\r\n", "x"));
    EXPECT_EQ(response.status, 415);
    EXPECT_EQ(response.headers["accept-encoding"], "gzip, deflate");
  }
}

TEST(ServerBodies, Http3_AnswersBrokenGzipWith400AndGoesOn) {
  const HttpServer server(echo_routes());
  RawClient client(server.port());
  std::string cut = gzipped("hello");
  cut.pop_back();
  ASSERT_TRUE(client.send(post("/echo", "Content-Encoding: gzip\r\n", cut) + get("/echo")));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 400);
  // Where the next request begins is not in doubt.
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 200);
}

TEST(ServerBodies, AGzipBombIsAnsweredWith413) {
  const HttpServer server(echo_routes());
  const std::string bomb = gzipped(std::string(30 << 20, '0'));
  EXPECT_EQ(ask(server.port(), post("/size", "Content-Encoding: gzip\r\n", bomb)).status, 413);
  EXPECT_EQ(ask(server.port(), get("/echo")).status, 200);
}

TEST(ServerBodies, HoldsUnpackedBodiesToTheLimit) {
  ServerOptions options;
  options.limits.body_bytes = 1000;
  const HttpServer server(echo_routes(), options);
  const auto status = [&](std::size_t size) {
    return ask(server.port(),
               post("/size", "Content-Encoding: gzip\r\n", gzipped(std::string(size, 'x'))))
        .status;
  };
  EXPECT_EQ(status(1000), 200);
  EXPECT_EQ(status(1001), 413);
}

TEST(ServerBodies, Http4_AsksForABodyThatItWillRead) {
  const HttpServer server(echo_routes());
  RawClient client(server.port());
  ASSERT_TRUE(
      client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n"));
  EXPECT_EQ(client.read_through("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.send("2\r\nhi\r\n0\r\n\r\n"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "POST /echo?\nhi");
}

TEST(ServerBodies, Http4_SendsNo100WhenTheAnswerIsKnown) {
  ServerOptions options;
  options.limits.body_bytes = 10;
  const HttpServer server(echo_routes(), options);
  const std::string expecting = " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n";
  const std::string small = "Content-Length: 2\r\n\r\n";
  for (const auto& [bytes, status] :
       {std::pair{"POST /echo" + expecting + "Content-Length: 11\r\n\r\n", 413},
        std::pair{"POST /echo" + expecting + "Content-Encoding: br\r\n" + small, 415},
        std::pair{"POST /echo" + expecting + "Origin: https://evil.example\r\n" + small, 403},
        std::pair{"POST /nowhere" + expecting + small, 404},
        std::pair{"PUT /echo" + expecting + small, 405}}) {
    RawClient client(server.port());
    ASSERT_TRUE(client.send(bytes));
    auto response = client.read_response();
    ASSERT_TRUE(response) << bytes;
    EXPECT_EQ(response->status, status) << bytes;
    EXPECT_EQ(response->headers["connection"], "close");
    // What follows is the body of the request before, whatever it looks like.
    client.send(get("/echo"));
    EXPECT_TRUE(client.is_at_end()) << bytes;
  }
}

TEST(ServerBodies, Http4_SendsNo100ForABodyThatIsThereOrIsNone) {
  const HttpServer server(echo_routes());
  EXPECT_EQ(ask(server.port(), post("/echo", "Expect: 100-continue\r\n", "hi")).status, 200);
  EXPECT_EQ(ask(server.port(), post("/echo", "Expect: 100-continue\r\n", "")).status, 200);
  EXPECT_EQ(ask(server.port(),
                "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\n"
                "Content-Length: 2\r\n\r\nhi")
                .status,
            200);
}

TEST(ServerBodies, Http2_RefusesAmbiguousFramingAndTakesNothingForTheNextRequest) {
  const HttpServer server(echo_routes());
  const std::string head = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& bytes : std::vector<std::string>{
           head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
           head + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
           head + "Content-Length: 5, 5\r\n\r\nhello",
           head + "Content-Length: +5\r\n\r\nhello",
           head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
           head + "Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
           head + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding:\x0b"
                  "chunked\r\n\r\n0\r\n\r\n",
           "GET /echo HTTP/1.1\nHost: localhost\n\n",
       }) {
    RawClient client(server.port());
    ASSERT_TRUE(client.send(bytes + get("/echo")));
    const auto response = client.read_response();
    ASSERT_TRUE(response) << bytes;
    EXPECT_EQ(response->status, 400) << bytes;
    EXPECT_TRUE(client.is_at_end()) << bytes;
  }
}

TEST(ServerBodies, E27_ReadsRequestsThatComeByteByByte) {
  const HttpServer server(echo_routes());
  RawClient client(server.port());
  for (const char byte : post("/echo", "Content-Encoding: gzip\r\n", gzipped("hello"))) {
    ASSERT_TRUE(client.send(std::string_view(&byte, 1)));
  }
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "POST /echo?\nhello");
}

}  // namespace
}  // namespace shimmy::http
