#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "http/server.h"
#include "support/http_server.h"
#include "support/raw_client.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using support::awaited;
using support::get;
using support::happens;
using support::HttpServer;
using support::post;
using support::RawClient;
using support::RawResponse;

ServerOptions with(const Limits& limits) {
  ServerOptions options;
  options.limits = limits;
  return options;
}

std::vector<Route> hello() {
  return {{"GET", "/hello", support::echo, RunsOn::Io},
          {"POST", "/hello", support::echo, RunsOn::Io}};
}

TEST(ServerLimits, RefusesLargeHeaders) {
  const HttpServer server(hello());
  RawClient client(server.port());
  client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(100'000, 'x') +
              "\r\n\r\n");
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 431);
  EXPECT_TRUE(client.is_at_end());
}

TEST(ServerLimits, RefusesALargeBodyBeforeReadingIt) {
  Limits limits;
  limits.body_bytes = 1000;
  const HttpServer server(hello(), with(limits));
  RawClient client(server.port());
  ASSERT_TRUE(
      client.send("POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 413);
}

TEST(ServerLimits, AClientThatSendsOnStillSeesWhyItWasRefused) {
  Limits limits;
  limits.body_bytes = 1000;
  const HttpServer server(hello(), with(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send(post("/hello", std::string(3'000'000, 'x'))));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 413);
}

TEST(ServerLimits, RefusesAChunkedBodyThatGrowsTooLarge) {
  Limits limits;
  limits.body_bytes = 4;
  const HttpServer server(hello(), with(limits));
  RawClient client(server.port());
  ASSERT_TRUE(
      client.send("POST /hello HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n3\r\ndef\r\n"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 413);
}

TEST(ServerLimits, DoesNotWaitForeverForHeaders) {
  Limits limits;
  limits.header_time = milliseconds(30);
  const HttpServer server(hello(), with(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\nHo"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 408);
}

TEST(ServerLimits, DoesNotWaitForeverForABody) {
  Limits limits;
  limits.body_time = milliseconds(30);
  const HttpServer server(hello(), with(limits));
  RawClient client(server.port());
  ASSERT_TRUE(
      client.send("POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"));
  const auto response = client.read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
  EXPECT_EQ(response->body, "error: The request's body did not arrive within 30 ms.");
}

TEST(ServerLimits, ClosesIdleConnectionsWithoutAWord) {
  Limits limits;
  limits.idle_time = milliseconds(30);
  const HttpServer server(hello(), with(limits));
  RawClient fresh(server.port());
  RawClient used(server.port());
  ASSERT_TRUE(used.send(get("/hello")));
  EXPECT_EQ(used.read_response().value_or(RawResponse{}).status, 200);
  EXPECT_TRUE(used.is_at_end());
  EXPECT_TRUE(fresh.is_at_end());
}

TEST(ServerLimits, DoesNotWaitForeverForTheNextPieceOfABody) {
  Limits limits;
  limits.body_pause = milliseconds(30);
  const HttpServer server(hello(), with(limits));
  RawClient client(server.port());
  ASSERT_TRUE(
      client.send("POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"));
  const auto response = client.read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
  EXPECT_EQ(response->body, "error: The request's body did not arrive further for 30 ms.");
}

TEST(ServerLimits, ABodyMayTakeItsTimeIfItDoesNotStop) {
  Limits limits;
  limits.body_pause = milliseconds(800);
  const HttpServer server(hello(), with(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"));
  for (int i = 0; i < 9; ++i) {
    EXPECT_TRUE(client.stays_quiet(milliseconds(100)));
    ASSERT_TRUE(client.send("x"));
  }
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 200);
}

TEST(ServerLimits, E27_RefusesALongUri) {
  const HttpServer server(hello());
  RawClient client(server.port());
  client.send("GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 414);
  EXPECT_TRUE(client.is_at_end());
}

TEST(ServerLimits, E27_RefusesTenMegabytesOfHeaders) {
  const HttpServer server(hello());
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(5'000'000, 'x'));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 431);
}

TEST(ServerLimits, RefusesTheSurplusConnectionsOfOneAddress) {
  Limits limits;
  limits.connections_per_loopback_address = 2;
  const HttpServer server(hello(), with(limits));
  auto first = std::make_unique<RawClient>(server.port());
  RawClient second(server.port());
  for (RawClient* client : {first.get(), &second}) {
    ASSERT_TRUE(client->send(get("/hello")));
    ASSERT_TRUE(client->read_response());
  }
  RawClient third(server.port());  // need not ask to be told
  auto refused = third.read_response();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->headers["retry-after"], "1");
  EXPECT_EQ(refused->headers["connection"], "close");
  EXPECT_TRUE(third.is_at_end());
  ASSERT_TRUE(second.send(get("/hello")));
  EXPECT_EQ(second.read_response().value_or(RawResponse{}).status, 200);
  first.reset();
  const auto is_in = [&] {
    RawClient again(server.port());
    again.send(get("/hello"));
    return again.read_response().value_or(RawResponse{}).status == 200;
  };
  bool was_in = false;  // as soon as the server has noticed that the first one went
  for (int i = 0; i < 1000 && !was_in; ++i) was_in = is_in();
  EXPECT_TRUE(was_in);
}

TEST(ServerLimits, AnAddressOfThisMachineMayHaveAnyNumberOfConnections) {
  Limits limits;
  limits.connections_per_address = 1;
  const HttpServer server(hello(), with(limits));
  RawClient first(server.port());
  RawClient second(server.port());
  for (RawClient* client : {&first, &second}) {
    ASSERT_TRUE(client->send(get("/hello")));
    EXPECT_EQ(client->read_response().value_or(RawResponse{}).status, 200);
  }
}

TEST(ServerLimits, TimeLimitsOfReadingDoNotEndAnAnswer) {
  Limits limits;
  limits.header_time = limits.body_time = limits.idle_time = milliseconds(20);
  std::promise<std::shared_ptr<Exchange>> arrived;
  const HttpServer server(
      {{"GET", "/slow",
        [&](std::shared_ptr<Exchange> exchange) { arrived.set_value(std::move(exchange)); },
        RunsOn::Io}},
      with(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/slow")));
  const auto exchange = awaited(arrived.get_future());
  EXPECT_TRUE(client.stays_quiet(milliseconds(100)));
  exchange->respond(support::text("slow"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "slow");
}

TEST(ServerLimits, CutsAClientThatTakesNothing) {
  Limits limits;
  limits.write_time = milliseconds(50);
  std::promise<void> gone;
  const HttpServer server({{"GET", "/large",
                            [&](const std::shared_ptr<Exchange>& exchange) {
                              exchange->on_disconnect([&] { gone.set_value(); });
                              exchange->respond(support::text(std::string(20'000'000, 'x')));
                            },
                            RunsOn::Io}},
                          with(limits));
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/large")));
  EXPECT_TRUE(happens(gone.get_future()));
}

TEST(ServerLimits, ConnectionsBeyondTheLimitWaitForAPlace) {
  Limits limits;
  limits.connections = 2;
  const HttpServer server(hello(), with(limits));
  auto first = std::make_unique<RawClient>(server.port());
  RawClient second(server.port());
  for (RawClient* client : {first.get(), &second}) {
    ASSERT_TRUE(client->send(get("/hello")));
    ASSERT_TRUE(client->read_response());
  }
  RawClient third(server.port());
  ASSERT_TRUE(third.send(get("/hello")));
  EXPECT_TRUE(third.stays_quiet(milliseconds(60)));
  first.reset();
  EXPECT_EQ(third.read_response().value_or(RawResponse{}).status, 200);
}

}  // namespace
}  // namespace shimmy::http
