#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/server.h"
#include "http/sse.h"
#include "support/http_server.h"
#include "support/raw_client.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using support::awaited;
using support::get;
using support::happens;
using support::HttpServer;
using support::RawClient;
using support::RawResponse;

Response event_stream() {
  Response head;
  head.content_type = kSseContentType;
  head.heartbeat = kSseHeartbeat;
  return head;
}

struct Stream {
  std::shared_ptr<Exchange> exchange;
  std::shared_ptr<BodyStream> body;
};

// A route "/stream" that hands each stream it starts to the test, and "/pending" that hands over
// the exchange unanswered.
class StreamServer {
 public:
  explicit StreamServer(ServerOptions options = {})
      : server_({{"GET", "/stream",
                  [this](std::shared_ptr<Exchange> exchange) {
                    auto body = exchange->start_stream(event_stream());
                    exchange->on_disconnect([this] { gone_.set_value(); });
                    body->write("data: first\n\n");
                    started_.set_value({std::move(exchange), std::move(body)});
                  },
                  RunsOn::Io},
                 {"GET", "/pending",
                  [this](std::shared_ptr<Exchange> exchange) {
                    exchange->on_disconnect([this] { gone_.set_value(); });
                    started_.set_value({std::move(exchange), nullptr});
                  },
                  RunsOn::Io},
                 {"GET", "/hello", support::echo, RunsOn::Io}},
                std::move(options)) {}

  HttpServer& server() { return server_; }
  Stream started() { return awaited(started_.get_future()); }
  std::future<void> gone() { return gone_.get_future(); }

  // Runs on the stream's I/O thread and waits for the end.
  static void run(const Stream& stream, const std::function<void()>& task) {
    std::promise<void> done;
    stream.exchange->post([&] {
      task();
      done.set_value();
    });
    EXPECT_TRUE(happens(done.get_future()));
  }

 private:
  std::promise<Stream> started_;
  std::promise<void> gone_;
  HttpServer server_;  // last: stops before the promises go
};

TEST(ServerStream, DeliversEveryEventWhenItIsWritten) {
  StreamServer streams;
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send(get("/stream")));
  auto head = client.read_head();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers["transfer-encoding"], "chunked");
  EXPECT_EQ(head->headers["content-type"], "text/event-stream; charset=utf-8");
  EXPECT_EQ(head->headers["cache-control"], "no-cache");
  EXPECT_EQ(head->headers["x-accel-buffering"], "no");
  EXPECT_EQ(client.read_chunk(), "data: first\n\n");
  const Stream stream = streams.started();
  for (const std::string text : {"second", "third"}) {
    StreamServer::run(stream, [&] { stream.body->write("data: " + text + "\n\n"); });
    EXPECT_EQ(client.read_chunk(), "data: " + text + "\n\n");
  }
  StreamServer::run(stream, [&] { stream.body->finish(); });
  EXPECT_EQ(client.read_chunk(), "");
}

TEST(ServerStream, TheConnectionGoesOnAfterwards) {
  StreamServer streams;
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send(get("/stream") + get("/hello")));  // the second is sent ahead
  const Stream stream = streams.started();
  StreamServer::run(stream, [&] { stream.body->finish(); });
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "data: first\n\n");
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "GET /hello?\n");
}

TEST(ServerStream, EndsWithTheConnectionForHttp10) {
  StreamServer streams;
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  const Stream stream = streams.started();
  StreamServer::run(stream, [&] { stream.body->finish(); });
  auto response = client.read_response();
  ASSERT_TRUE(response);
  EXPECT_FALSE(response->headers.contains("transfer-encoding"));
  EXPECT_EQ(response->headers["connection"], "close");
  EXPECT_EQ(response->body, "data: first\n\n");
}

TEST(ServerStream, HasNoBodyForHead) {
  StreamServer streams;
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send("HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/hello")));
  const Stream stream = streams.started();
  StreamServer::run(stream, [&] { stream.body->finish(); });
  EXPECT_EQ(client.read_response(true).value_or(RawResponse{}).status, 200);
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "GET /hello?\n");
}

TEST(ServerStream, IsFullWhileTheClientDoesNotRead) {
  StreamServer streams;
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send(get("/stream")));
  const Stream stream = streams.started();
  const std::string block(50'000, 'x');
  std::size_t written = 13;  // of the first event
  std::promise<void> drained;
  StreamServer::run(stream, [&] {
    stream.body->on_drained([&] {
      drained.set_value();
      stream.body->on_drained(nullptr);
      stream.body->finish();
    });
    while (!stream.body->is_full()) {
      stream.body->write(block);
      written += block.size();
    }
  });
  EXPECT_GE(written, block.size());
  const auto response = client.read_response();
  EXPECT_TRUE(happens(drained.get_future()));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body.size(), written);
}

TEST(ServerStream, CutsAProducerThatIgnoresFullness) {
  StreamServer streams;
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send(get("/stream")));
  const Stream stream = streams.started();
  const std::string block(1 << 20, 'x');
  StreamServer::run(stream, [&] {
    for (int i = 0; i < 64; ++i) stream.body->write(block);
  });
  EXPECT_TRUE(happens(streams.gone()));
}

TEST(ServerStream, NoticesAClientThatGoesWhileNothingIsWritten) {
  StreamServer streams;
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send(get("/stream")));
  const Stream stream = streams.started();
  auto gone = streams.gone();
  EXPECT_EQ(gone.wait_for(milliseconds(0)), std::future_status::timeout);
  const auto before = std::chrono::steady_clock::now();
  client.close();
  ASSERT_TRUE(happens(std::move(gone)));
  // 0.3 ms when idle; the promise is 50 ms, on a machine that has time for us.
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(1000));
  StreamServer::run(stream, [&] {
    stream.body->write("ignored");
    EXPECT_FALSE(stream.body->is_full());
    stream.body->finish();
  });
}

TEST(ServerStream, NoticesAClientThatGoesAfterSendingAhead) {
  StreamServer streams;
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send(get("/stream") + get("/hello") + get("/hello")));
  const Stream stream = streams.started();
  client.close();
  EXPECT_TRUE(happens(streams.gone()));
}

TEST(ServerStream, NoticesAClientThatGoesWhileItsAnswerIsPending) {
  for (const bool by_reset : {false, true}) {
    StreamServer streams;
    RawClient client(streams.server().port());
    ASSERT_TRUE(client.send(get("/pending")));
    const Stream pending = streams.started();
    if (by_reset) {
      client.reset();
    } else {
      client.close();
    }
    EXPECT_TRUE(happens(streams.gone()));
    pending.exchange->respond(support::text("too late"));
  }
}

TEST(ServerStream, TellsAtOnceThatTheClientHasGoneAlready) {
  StreamServer streams;
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send(get("/pending")));
  const Stream pending = streams.started();
  client.close();
  ASSERT_TRUE(happens(streams.gone()));
  bool was_told = false;
  StreamServer::run(pending, [&] { pending.exchange->on_disconnect([&] { was_told = true; }); });
  EXPECT_TRUE(was_told);
}

TEST(ServerStream, DoesNotReportADisconnectAfterTheAnswer) {
  std::promise<Stream> started;
  const auto count = std::make_shared<int>(0);
  {
    const HttpServer server({{"GET", "/a",
                              [&](std::shared_ptr<Exchange> exchange) {
                                exchange->on_disconnect([count] { ++*count; });
                                exchange->respond(support::text("done"));
                                started.set_value({std::move(exchange), nullptr});
                              },
                              RunsOn::Io}});
    RawClient client(server.port());
    ASSERT_TRUE(client.send(get("/a")));
    ASSERT_TRUE(client.read_response());
    const Stream answered = awaited(started.get_future());
    client.close();
  }
  EXPECT_EQ(*count, 0);
  EXPECT_EQ(count.use_count(), 1);  // the callback was let go
}

TEST(ServerStream, ADroppedStreamDoesNotPassForAWholeOne) {
  StreamServer streams;
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send(get("/stream")));
  streams.started();  // and drops it
  ASSERT_TRUE(client.read_head());
  EXPECT_EQ(client.read_chunk(), "data: first\n\n");
  EXPECT_EQ(client.read_chunk(), std::nullopt);
  EXPECT_TRUE(client.is_at_end());
}

ServerOptions beating(milliseconds period) {
  ServerOptions options;
  options.limits.heartbeat_time = period;
  return options;
}

TEST(ServerStream, Http7_ShowsThatItLivesWhileNothingIsWritten) {
  StreamServer streams(beating(milliseconds(20)));
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send(get("/stream")));
  const Stream stream = streams.started();
  ASSERT_TRUE(client.read_head());
  EXPECT_EQ(client.read_chunk(), "data: first\n\n");
  EXPECT_EQ(client.read_chunk(), ": ka\n\n");
  EXPECT_EQ(client.read_chunk(), ": ka\n\n");
  StreamServer::run(stream, [&] {
    stream.body->write("data: last\n\n");
    stream.body->finish();
  });
  std::optional<std::string> chunk = ": ka\n\n";
  while (chunk == ": ka\n\n") chunk = client.read_chunk();
  EXPECT_EQ(chunk, "data: last\n\n");
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_TRUE(client.stays_quiet(milliseconds(80)));  // nothing follows the end
}

TEST(ServerStream, Http12_ProcessingTimeEndsWithTheHeaders) {
  ServerOptions options;
  options.processing_header = "X-Took";
  StreamServer streams(options);
  RawClient client(streams.server().port());
  ASSERT_TRUE(client.send(get("/stream")));
  auto head = client.read_head();
  ASSERT_TRUE(head);
  EXPECT_FALSE(head->headers["x-took"].empty());
  const Stream stream = streams.started();
  StreamServer::run(stream, [&] { stream.body->finish(); });
}

TEST(ServerStream, OutlivesTheServerInTheHandsOfItsProducer) {
  Stream stream;
  {
    StreamServer streams;
    RawClient client(streams.server().port());
    ASSERT_TRUE(client.send(get("/stream")));
    stream = streams.started();
    streams.server()->stop();
    EXPECT_TRUE(happens(streams.gone()));
  }
  stream.exchange->post([] { FAIL(); });
  stream.body.reset();
  stream.exchange.reset();
}

}  // namespace
}  // namespace shimmy::http
