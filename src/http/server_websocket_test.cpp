#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "http/server.h"
#include "http/websocket.h"
#include "support/http_server.h"
#include "support/raw_client.h"
#include "support/websocket_client.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using support::awaited;
using support::close_bytes;
using support::close_payload;
using support::Frame;
using support::frame_bytes;
using support::get;
using support::happens;
using support::HttpServer;
using support::ping_frame;
using support::RawClient;
using support::RawResponse;
using support::read_frame;
using support::text_frame;
using support::upgrade;
using support::upgrade_request;

// Answers every message with itself.
void echo_messages(const std::shared_ptr<WebSocket>& socket) {
  socket->on_message([socket](const std::string& text) { socket->send(text); });
}

std::vector<Route> routes() {
  return {websocket_route("/ws", echo_messages), {"GET", "/hello", support::echo, RunsOn::Io}};
}

Frame next(RawClient& client) { return read_frame(client).value_or(Frame{.opcode = 99}); }

TEST(ServerWebSocket, AgreesAndAnswersMessages) {
  const HttpServer server(routes());
  RawClient client(server.port());
  ASSERT_TRUE(client.send(upgrade_request("/ws")));
  auto head = client.read_head();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 101);
  EXPECT_EQ(head->headers["upgrade"], "websocket");
  EXPECT_EQ(head->headers["connection"], "Upgrade");
  EXPECT_EQ(head->headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_FALSE(head->headers.contains("sec-websocket-protocol"));
  for (const std::string size : {"", "hello"}) {
    ASSERT_TRUE(client.send(text_frame(size)));
    const Frame frame = next(client);
    EXPECT_EQ(frame.opcode, 1);
    EXPECT_EQ(frame.payload, size);
    EXPECT_FALSE(frame.is_masked);
    EXPECT_TRUE(frame.is_final);
    EXPECT_EQ(frame.reserved, 0);
  }
}

TEST(ServerWebSocket, TakesMessagesSentAheadWithTheRequest) {
  const HttpServer server(routes());
  RawClient client(server.port());
  ASSERT_TRUE(client.send(upgrade_request("/ws") + text_frame("early") + ping_frame("p")));
  ASSERT_TRUE(client.read_head());
  EXPECT_EQ(next(client).payload, "early");
  EXPECT_EQ(next(client).opcode, 10);
}

TEST(ServerWebSocket, CarriesLargeMessagesBothWays) {
  const HttpServer server(routes());
  RawClient client(server.port());
  ASSERT_TRUE(upgrade(client, "/ws"));
  const std::string large(3'000'000, 'x');
  std::future<bool> sent =
      std::async(std::launch::async, [&] { return client.send(text_frame(large)); });
  EXPECT_TRUE(awaited(std::move(sent)));
  EXPECT_EQ(next(client).payload.size(), large.size());
}

TEST(ServerWebSocket, FollowsRequestsOnTheSameConnection) {
  const HttpServer server(routes());
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/hello") + upgrade_request("/ws") + text_frame("x")));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 200);
  EXPECT_EQ(client.read_head().value_or(RawResponse{}).status, 101);
  EXPECT_EQ(next(client).payload, "x");
}

TEST(ServerWebSocket, AnswersPlainRequestsWith426) {
  const HttpServer server(routes());
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/ws")));
  auto response = client.read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 426);
  EXPECT_EQ(response->headers["upgrade"], "websocket");
  EXPECT_NE(response->body.find("ws://"), std::string::npos);
  ASSERT_TRUE(client.send(get("/hello")));  // the connection goes on
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 200);
}

TEST(ServerWebSocket, AnswersOtherMethodsWith405) {
  const HttpServer server(routes());
  RawClient client(server.port());
  ASSERT_TRUE(client.send(support::post("/ws", "{}")));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 405);
}

TEST(ServerWebSocket, RefusesForeignPagesAndBadHandshakes) {
  const HttpServer server(routes());
  const auto status = [&](const std::string& request) {
    RawClient client(server.port());
    EXPECT_TRUE(client.send(request));
    return client.read_response().value_or(RawResponse{}).status;
  };
  EXPECT_EQ(status(upgrade_request("/ws", "Origin: https://evil.example\r\n")), 403);
  EXPECT_EQ(status("GET /ws HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\n\r\n"), 403);
  const std::string start =
      "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  EXPECT_EQ(status(start + "Sec-WebSocket-Version: 13\r\n\r\n"), 400);
  EXPECT_EQ(status(start + "Sec-WebSocket-Version: 8\r\n\r\n"), 426);
  EXPECT_EQ(status("GET /nowhere HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n"), 404);
}

TEST(ServerWebSocket, ClosesInGoodOrderWhenTheClientDoes) {
  const HttpServer server(routes());
  RawClient client(server.port());
  ASSERT_TRUE(upgrade(client, "/ws"));
  ASSERT_TRUE(client.send(close_bytes(1000, "bye")));
  const Frame frame = next(client);
  EXPECT_EQ(frame.opcode, 8);
  EXPECT_EQ(frame.payload, close_payload(1000));
  EXPECT_TRUE(client.is_at_end());  // the server closes first
}

TEST(ServerWebSocket, ClosesWhenTheHandlerDoes) {
  const HttpServer server({websocket_route("/ws", [](const std::shared_ptr<WebSocket>& socket) {
    socket->send("last");
    socket->close(CloseCode::PolicyViolation, "no more");
  })});
  RawClient client(server.port());
  ASSERT_TRUE(upgrade(client, "/ws"));
  EXPECT_EQ(next(client).payload, "last");
  EXPECT_EQ(next(client).payload, close_payload(1008, "no more"));
  ASSERT_TRUE(client.send(close_bytes(1008)));
  EXPECT_TRUE(client.is_at_end());
}

TEST(ServerWebSocket, TellsAClientThatIsStillSendingWhatItDidWrong) {
  Limits limits;
  limits.websocket_bytes = 1000;
  ServerOptions options;
  options.limits = limits;
  const HttpServer server(routes(), options);
  RawClient client(server.port());
  ASSERT_TRUE(upgrade(client, "/ws"));
  std::future<bool> sent = std::async(
      std::launch::async, [&] { return client.send(text_frame(std::string(3'000'000, 'x'))); });
  const Frame frame = next(client);
  EXPECT_EQ(frame.opcode, 8);
  EXPECT_EQ(frame.payload.substr(0, 2), close_payload(1009));
  EXPECT_TRUE(awaited(std::move(sent)));
}

TEST(ServerWebSocket, ReportsTheBugOfAHandler) {
  const HttpServer server({websocket_route("/throws",
                                           [](const std::shared_ptr<WebSocket>&) {
                                             throw std::runtime_error("out of luck");
                                           }),
                           websocket_route("/drops", [](const std::shared_ptr<WebSocket>&) {})});
  for (const char* path : {"/throws", "/drops"}) {
    RawClient client(server.port());
    ASSERT_TRUE(upgrade(client, path));
    EXPECT_EQ(next(client).payload.substr(0, 2), close_payload(1011)) << path;
  }
  EXPECT_TRUE(server.logs("out of luck"));
}

struct Held {
  std::shared_ptr<WebSocket> socket;
  std::shared_ptr<std::promise<void>> closed = std::make_shared<std::promise<void>>();
};

// A route that hands its socket to the test.
Route held_route(std::promise<Held>& opened) {
  return websocket_route("/ws", [&opened](const std::shared_ptr<WebSocket>& socket) {
    Held held{socket};
    socket->on_close([closed = held.closed] { closed->set_value(); });
    opened.set_value(std::move(held));
  });
}

TEST(ServerWebSocket, NoticesAClientThatGoes) {
  for (const bool by_reset : {false, true}) {
    std::promise<Held> opened;
    HttpServer server({held_route(opened)});
    RawClient client(server.port());
    ASSERT_TRUE(upgrade(client, "/ws"));
    const Held held = awaited(opened.get_future());
    if (by_reset) {
      client.reset();
    } else {
      client.close();
    }
    EXPECT_TRUE(happens(held.closed->get_future()));
    held.socket->post([&] { held.socket->send("too late"); });
    server->stop();
  }
}

TEST(ServerWebSocket, IsFullWhileTheClientDoesNotRead) {
  std::promise<Held> opened;
  std::promise<void> drained;
  HttpServer server({held_route(opened)});
  RawClient client(server.port());
  ASSERT_TRUE(upgrade(client, "/ws"));
  const Held held = awaited(opened.get_future());
  std::promise<int> filled;
  held.socket->post([&] {
    held.socket->on_drained([&] {
      held.socket->on_drained(nullptr);
      drained.set_value();
    });
    int messages = 0;
    for (; !held.socket->is_full(); ++messages) held.socket->send(std::string(50'000, 'x'));
    filled.set_value(messages);
  });
  const int messages = awaited(filled.get_future());
  for (int i = 0; i < messages; ++i) ASSERT_EQ(next(client).payload.size(), 50'000U);
  EXPECT_TRUE(happens(drained.get_future()));
  ASSERT_TRUE(client.send(ping_frame("read on?")));
  EXPECT_EQ(next(client).payload, "read on?");
}

TEST(ServerWebSocket, PingsASilentClientAndCutsIt) {
  ServerOptions options;
  options.limits.ping_time = milliseconds(40);
  const HttpServer server(routes(), options);
  RawClient client(server.port());
  ASSERT_TRUE(upgrade(client, "/ws"));
  EXPECT_EQ(next(client).opcode, 9);
  EXPECT_TRUE(client.is_at_end());
}

TEST(ServerWebSocket, SurvivesGarbage) {
  const HttpServer server(routes());
  std::string garbage;
  unsigned state = 12345;
  for (int i = 0; i < 100'000; ++i) {
    state = state * 1'103'515'245U + 12'345U;
    garbage += static_cast<char>(state >> 16U);
  }
  for (std::size_t begin = 0; begin < 20; ++begin) {
    RawClient client(server.port());
    ASSERT_TRUE(upgrade(client, "/ws"));
    client.send(std::string_view(garbage).substr(begin * 7));
    EXPECT_EQ(next(client).opcode, 8);
  }
}

}  // namespace
}  // namespace shimmy::http
