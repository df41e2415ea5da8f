#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "http/server.h"
#include "http/websocket.h"
#include "support/http_server.h"
#include "support/raw_client.h"
#include "support/websocket_client.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using support::awaited;
using support::close_payload;
using support::get;
using support::happens;
using support::HeldStream;
using support::HttpServer;
using support::RawClient;
using support::RawResponse;
using support::stream_route;

std::future<bool> draining(HttpServer& server, milliseconds grace) {
  return std::async(std::launch::async, [&server, grace] { return server->drain(grace); });
}

TEST(ServerDrain, LetsAStreamFinish) {
  std::promise<HeldStream> started;
  HttpServer server({stream_route([&](HeldStream held) { started.set_value(std::move(held)); })});
  RawClient client(server.port());
  RawClient idle(server.port());
  ASSERT_TRUE(client.send(get("/stream")));
  const HeldStream held = awaited(started.get_future());
  std::future<bool> drained =
      std::async(std::launch::async, [&] { return server->drain(seconds(8)); });
  EXPECT_TRUE(idle.is_at_end());  // the drain has begun
  held.exchange->post([body = held.body] {
    body->write("last");
    body->finish();
  });
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "firstlast");
  EXPECT_TRUE(client.is_at_end());
  EXPECT_TRUE(awaited(std::move(drained)));
}

TEST(ServerDrain, AnAnswerGivenMeanwhileEndsTheConnection) {
  std::promise<std::shared_ptr<Exchange>> arrived;
  HttpServer server(
      {{"GET", "/slow",
        [&](std::shared_ptr<Exchange> exchange) { arrived.set_value(std::move(exchange)); },
        RunsOn::Io}});
  RawClient client(server.port());
  RawClient idle(server.port());
  ASSERT_TRUE(client.send(get("/slow")));
  const auto exchange = awaited(arrived.get_future());
  std::future<bool> drained =
      std::async(std::launch::async, [&] { return server->drain(seconds(8)); });
  EXPECT_TRUE(idle.is_at_end());
  exchange->respond(support::text("slow"));
  auto response = client.read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers["connection"], "close");
  EXPECT_TRUE(awaited(std::move(drained)));
}

TEST(ServerDrain, CutsWhatDoesNotEndInTime) {
  std::promise<HeldStream> started;
  HttpServer server({stream_route([&](HeldStream held) { started.set_value(std::move(held)); })});
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/stream")));
  const HeldStream held = awaited(started.get_future());
  EXPECT_FALSE(server->drain(milliseconds(20)));
  EXPECT_FALSE(client.read_response());
}

TEST(ServerDrain, RefusesNewConnections) {
  HttpServer server({{"GET", "/hello", support::echo, RunsOn::Io}});
  RawClient idle(server.port());
  ASSERT_TRUE(idle.send(get("/hello")));
  ASSERT_TRUE(idle.read_response());
  EXPECT_TRUE(server->drain(seconds(8)));
  EXPECT_TRUE(idle.is_at_end());
  EXPECT_FALSE(RawClient(server.port()).is_connected());
}

// A client that has sent the beginning of a request, which the server has seen.
class HalfSent {
 public:
  explicit HalfSent(HttpServer& server) : client_(server.port()) {
    EXPECT_TRUE(
        client_.send("POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
                     "Expect: 100-continue\r\n\r\n"));
    EXPECT_EQ(client_.read_head().value_or(RawResponse{}).status, 100);
    EXPECT_TRUE(client_.send("ha"));
  }

  RawClient& client() { return client_; }

 private:
  RawClient client_;
};

TEST(ServerDrain, ServesARequestThatWasOnItsWay) {
  HttpServer server({{"POST", "/hello", support::echo, RunsOn::Io}});
  RawClient idle(server.port());
  HalfSent half(server);
  std::future<bool> drained = draining(server, seconds(8));
  EXPECT_TRUE(idle.is_at_end());
  ASSERT_TRUE(half.client().send("lf"));
  auto response = half.client().read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "POST /hello?\nhalf");
  EXPECT_EQ(response->headers["connection"], "close");
  EXPECT_TRUE(awaited(std::move(drained)));
}

TEST(ServerDrain, AnswersHalfSentRequestsWhenItsTimeIsOver) {
  HttpServer server({{"POST", "/hello", support::echo, RunsOn::Io}});
  RawClient no_head(server.port());
  ASSERT_TRUE(no_head.send(support::post("/hello", "") + "POST /hel"));
  ASSERT_TRUE(no_head.read_response());
  HalfSent half(server);  // once it is, the server has seen the other one, too
  std::future<bool> drained = draining(server, milliseconds(50));
  for (RawClient* client : {&half.client(), &no_head}) {
    const auto response = client->read_response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 408);
    EXPECT_NE(response->body.find("stopping"), std::string::npos);
    EXPECT_TRUE(client->is_at_end());
    client->close();
  }
  EXPECT_FALSE(awaited(std::move(drained)));
}

TEST(ServerDrain, LetsAStreamSayItsLastWords) {
  std::promise<HeldStream> started;
  HttpServer server({stream_route([&](HeldStream held) {
    held.exchange->on_disconnect([] { ADD_FAILURE() << "the answer was finished"; });
    held.exchange->on_stopping([exchange = held.exchange.get(), body = held.body] {
      // Not at once: who answers may have to be asked first.
      exchange->post([body] {
        body->write("sorry");
        body->finish();
      });
    });
    started.set_value(std::move(held));
  })});
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/stream")));
  const HeldStream held = awaited(started.get_future());
  const auto before = steady_clock::now();
  EXPECT_FALSE(server->drain(milliseconds(20)));
  EXPECT_LT(steady_clock::now() - before, milliseconds(900));  // the last chance was not used up
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "firstsorry");
  EXPECT_TRUE(client.is_at_end());
}

TEST(ServerDrain, CutsAStreamThatDoesNotUseItsLastChance) {
  std::promise<HeldStream> started;
  std::promise<void> gone;
  HttpServer server({stream_route([&](HeldStream held) {
    held.exchange->on_disconnect([&] { gone.set_value(); });
    held.exchange->on_stopping([body = held.body] { body->write("soon"); });
    started.set_value(std::move(held));
  })});
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/stream")));
  const HeldStream held = awaited(started.get_future());
  EXPECT_FALSE(server->drain(milliseconds(20)));
  EXPECT_TRUE(happens(gone.get_future()));
  EXPECT_FALSE(client.read_response());
}

TEST(ServerDrain, AnswersWhatNobodyHasAnswered) {
  std::promise<std::shared_ptr<Exchange>> arrived;
  std::promise<void> gone;
  HttpServer server({{"GET", "/slow",
                      [&](const std::shared_ptr<Exchange>& exchange) {
                        exchange->on_disconnect([&] { gone.set_value(); });
                        arrived.set_value(exchange);
                      },
                      RunsOn::Io}});
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/slow")));
  const auto exchange = awaited(arrived.get_future());
  EXPECT_FALSE(server->drain(milliseconds(20)));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 503);
  EXPECT_TRUE(happens(gone.get_future()));
  exchange->respond(support::text("too late"));
}

TEST(ServerDrain, ClosesWebSocketsThatDoNotMind) {
  HttpServer server({websocket_route("/ws", [](const std::shared_ptr<WebSocket>& socket) {
    socket->on_message([socket](const std::string&) {});
  })});
  RawClient client(server.port());
  ASSERT_TRUE(support::upgrade(client, "/ws"));
  std::future<bool> drained = draining(server, seconds(8));
  EXPECT_EQ(support::read_frame(client).value_or(support::Frame{}).payload.substr(0, 2),
            close_payload(1001));
  ASSERT_TRUE(client.send(support::close_bytes(1001)));
  EXPECT_TRUE(client.is_at_end());
  client.close();
  EXPECT_TRUE(awaited(std::move(drained)));
}

TEST(ServerDrain, OpensNoMoreWebSockets) {
  HttpServer server({websocket_route("/ws", [](const std::shared_ptr<WebSocket>&) { FAIL(); }),
                     {"POST", "/hello", support::echo, RunsOn::Io}});
  RawClient client(server.port());
  const std::string request = support::upgrade_request("/ws");
  ASSERT_TRUE(client.send(support::post("/hello", "") + request.substr(0, 20)));
  ASSERT_TRUE(client.read_response());
  HalfSent half(server);  // once it is, the server has seen the other one, too
  RawClient idle(server.port());
  std::future<bool> drained = draining(server, seconds(8));
  EXPECT_TRUE(idle.is_at_end());
  ASSERT_TRUE(client.send(request.substr(20)));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 503);
  half.client().close();
  EXPECT_TRUE(awaited(std::move(drained)));
}

TEST(ServerDrain, LetsAWebSocketFinish) {
  std::promise<std::shared_ptr<WebSocket>> asked;
  HttpServer server({websocket_route("/ws", [&](const std::shared_ptr<WebSocket>& socket) {
    socket->on_draining([&asked, socket] { asked.set_value(socket); });
  })});
  RawClient client(server.port());
  ASSERT_TRUE(support::upgrade(client, "/ws"));
  std::future<bool> drained = draining(server, seconds(8));
  const auto socket = awaited(asked.get_future());
  socket->post([&] {
    socket->send("the rest");
    socket->close(CloseCode::GoingAway, "");
  });
  EXPECT_EQ(support::read_frame(client).value_or(support::Frame{}).payload, "the rest");
  EXPECT_EQ(support::read_frame(client).value_or(support::Frame{}).payload, close_payload(1001));
  client.close();
  EXPECT_TRUE(awaited(std::move(drained)));
}

TEST(ServerDrain, EndsInTimeWhateverIsGoingOn) {
  constexpr int kStreams = 100;
  base::Guarded<std::vector<HeldStream>> held;
  std::atomic<int> told = 0;
  std::atomic<int> gone = 0;
  std::latch started(kStreams);
  std::promise<void> blocked;
  std::promise<void> unblock;
  ServerOptions options;
  options.io_threads = 2;
  HttpServer server({stream_route([&](HeldStream stream) {
                       stream.exchange->on_disconnect([&] { ++gone; });
                       // Every other one finishes when it is told to.
                       stream.exchange->on_stopping([&, body = stream.body] {
                         if (++told % 2 != 0) return;
                         body->write("sorry");
                         body->finish();
                       });
                       held.with([&](auto& all) { all.push_back(std::move(stream)); });
                       started.count_down();
                     }),
                     {"GET", "/blocks",
                      [&](const std::shared_ptr<Exchange>&) {
                        blocked.set_value();
                        unblock.get_future().wait();
                      },
                      RunsOn::Worker},
                     websocket_route("/ws",
                                     [](const std::shared_ptr<WebSocket>& socket) {
                                       socket->on_draining([socket] {});
                                     })},
                    options);
  std::vector<std::unique_ptr<RawClient>> clients;
  const auto connect = [&](const std::string& bytes) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    ASSERT_TRUE(clients.back()->send(bytes));
  };
  for (int i = 0; i < kStreams; ++i) connect(get("/stream"));
  for (const char* half_sent :
       {"", "GET /str", "POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"}) {
    connect(half_sent);
  }
  connect(support::upgrade_request("/ws"));
  connect(get("/blocks"));
  started.wait();
  ASSERT_TRUE(happens(blocked.get_future()));

  const auto before = steady_clock::now();
  EXPECT_FALSE(server->drain(milliseconds(100)));
  EXPECT_LT(steady_clock::now() - before, seconds(3));
  unblock.set_value();
  server->stop();
  EXPECT_LT(steady_clock::now() - before, seconds(4));
  EXPECT_EQ(told, kStreams);
  EXPECT_EQ(gone, kStreams / 2);
  int whole = 0;
  for (int i = 0; i < kStreams; ++i) {
    if (clients[static_cast<std::size_t>(i)]->read_response()) ++whole;
  }
  EXPECT_EQ(whole, kStreams / 2);
  EXPECT_EQ(clients.back()->read_response().value_or(RawResponse{}).status, 503);
}

}  // namespace
}  // namespace shimmy::http
