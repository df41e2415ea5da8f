#include <gmock/gmock.h>

#include <chrono>
#include <future>

#include "support/http_server.h"
#include "transfer/transfer_fixture.h"

namespace shimmy::transfer {
namespace {

using base::ErrorCode;
using support::RawPeer;
using support::RawServer;
using testing::HasSubstr;
using testing::Not;

base::Error failure_of(const Request& request, const Receiver& receiver = {}) {
  const auto head = CurlClient().send(request, receiver);
  EXPECT_FALSE(head);
  return head ? base::Error{} : head.error();
}

// The failure of an answer that is these bytes, and then the end of the connection.
base::Error failure_after(std::string_view bytes) {
  RawServer server([&](RawPeer& peer) {
    peer.read_request();
    peer.send(bytes);
  });
  return failure_of(get(server.url("/secret?token=hush")));
}

TEST(CurlClientTrouble, CallsAnAnswerThatBreaksOffCut) {
  for (const std::string_view bytes :
       {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal"}) {
    const base::Error error = failure_after(bytes);
    EXPECT_EQ(error.code, ErrorCode::Unavailable) << bytes;
    EXPECT_EQ(error.reason, "cut") << bytes;
    EXPECT_THAT(error.message, Not(HasSubstr("hush")));
  }
}

TEST(CurlClientTrouble, RefusesWhatIsNotHttp) {
  EXPECT_EQ(failure_after("SSH-2.0-whoever\r\n").reason, "cut");
  EXPECT_EQ(failure_after("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n").reason, "cut");
}

TEST(CurlClientTrouble, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  {
    port = RawServer([](RawPeer&) {}).port();
  }
  const base::Error error = failure_of(get("http://127.0.0.1:" + std::to_string(port) + "/"));
  EXPECT_EQ(error.code, ErrorCode::Unavailable);
  EXPECT_EQ(error.reason, "connect");
  EXPECT_THAT(error.message, HasSubstr("127.0.0.1:" + std::to_string(port)));
}

TEST(CurlClientTrouble, NamesTheSocketThatNobodyHas) {
  Request request = get("http://localhost/");
  request.unix_socket = "/nowhere/shimmy.sock";
  const base::Error error = failure_of(request);
  EXPECT_EQ(error.reason, "connect");
  EXPECT_THAT(error.message, HasSubstr("/nowhere/shimmy.sock"));
}

TEST(CurlClientTrouble, SaysThatANameIsUnknown) {
  EXPECT_EQ(failure_of(get("http://nowhere.invalid/")).reason, "dns");
}

TEST(CurlClientTrouble, GivesUpOnAnAnswerThatStalls) {
  RawServer server([](RawPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    peer.wait_until_gone();
  });
  Request request = get(server.url("/"));
  request.timeouts.stall = std::chrono::milliseconds(100);
  const base::Error error = failure_of(request);
  EXPECT_EQ(error.code, ErrorCode::Unavailable);
  EXPECT_EQ(error.reason, "stalled");
}

TEST(CurlClientTrouble, GivesUpOnAnAnswerThatNeverBegins) {
  RawServer server([](RawPeer& peer) { peer.wait_until_gone(); });
  Request request = get(server.url("/"));
  request.timeouts.stall = std::chrono::milliseconds(100);
  EXPECT_EQ(failure_of(request).reason, "stalled");
}

// Requests a stop once the server has the request; true when send() then ends in good time.
bool stops_soon(std::string_view sent_before) {
  std::promise<void> asked;
  RawServer server([&](RawPeer& peer) {
    peer.read_request();
    peer.send(sent_before);
    asked.set_value();
    peer.wait_until_gone();
  });
  std::stop_source stop;
  auto done = std::async(std::launch::async, [&] {
    return CurlClient().send(get(server.url("/")), {}, stop.get_token());
  });
  EXPECT_TRUE(support::happens(asked.get_future()));
  const auto begun = std::chrono::steady_clock::now();
  stop.request_stop();
  const auto head = done.get();
  EXPECT_FALSE(head);
  EXPECT_EQ(head ? ErrorCode::Internal : head.error().code, ErrorCode::Cancelled);
  // 100 ms are promised; the rest is for a machine that does ten other things.
  return std::chrono::steady_clock::now() - begun < std::chrono::seconds(2);
}

TEST(CurlClientTrouble, StopsWhileItWaitsForAnAnswer) { EXPECT_TRUE(stops_soon("")); }

TEST(CurlClientTrouble, StopsInTheMiddleOfABody) {
  EXPECT_TRUE(stops_soon("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
}

TEST(CurlClientTrouble, SendsNothingOnceItIsStopped) {
  RawServer server([](RawPeer& peer) { peer.wait_until_gone(); });
  std::stop_source stop;
  stop.request_stop();
  const auto head = CurlClient().send(get(server.url("/")), {}, stop.get_token());
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, ErrorCode::Cancelled);
  EXPECT_EQ(server.connections(), 0);
}

TEST(CurlClientTrouble, EndsWhereTheReceiverRefusesTheHead) {
  RawServer server([](RawPeer& peer) {
    peer.read_request();
    peer.answer(500, "much");
  });
  bool has_body = false;
  const base::Error error = failure_of(
      get(server.url("/")), {[](const ResponseHead& head) -> base::Result<void> {
                               return base::fail(ErrorCode::ModelNotFound, "no {}", head.status);
                             },
                             [&](std::string_view) -> base::Result<void> {
                               has_body = true;
                               return {};
                             }});
  EXPECT_EQ(error.code, ErrorCode::ModelNotFound);
  EXPECT_EQ(error.message, "no 500");
  EXPECT_FALSE(has_body);
}

TEST(CurlClientTrouble, EndsWhereTheReceiverRefusesAPiece) {
  RawServer server([](RawPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
    peer.wait_until_gone();
  });
  const base::Error error =
      failure_of(get(server.url("/")), {.body = [](std::string_view) -> base::Result<void> {
                   return base::fail(ErrorCode::Io, "the disk is full");
                 }});
  EXPECT_EQ(error.message, "the disk is full");
}

TEST(CurlClientTrouble, RefusesAddressesAndHeadersThatCannotBeSent) {
  EXPECT_EQ(failure_of(get("file:///etc/passwd")).code, ErrorCode::InvalidRequest);
  EXPECT_EQ(failure_of(get("ftp://host/x")).code, ErrorCode::InvalidRequest);
  Request request = get("http://127.0.0.1:1/");
  request.headers = {{"X-A", "b\r\nX-Forged: c"}};
  EXPECT_EQ(failure_of(request).code, ErrorCode::InvalidRequest);
}

}  // namespace
}  // namespace shimmy::transfer
