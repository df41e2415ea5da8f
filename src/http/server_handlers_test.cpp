#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"
#include "support/http_server.h"
#include "support/raw_client.h"

namespace shimmy::http {
namespace {

using support::ask;
using support::get;
using support::HttpServer;
using support::RawClient;
using support::RawResponse;

TEST(ServerHandlers, HandsTheCapturesToTheHandler) {
  const HttpServer server({{"GET", "/m/*", [](const std::shared_ptr<Exchange>& exchange) {
                              exchange->respond(support::text(exchange->request().captures.at(0)));
                            }}});
  EXPECT_EQ(ask(server.port(), get("/m/org%2Fname")).body, "org/name");
}

TEST(ServerHandlers, AnswersForAHandlerThatThrows) {
  const HttpServer server(
      {{"GET", "/io", [](const std::shared_ptr<Exchange>&) { throw std::runtime_error("boom"); },
        RunsOn::Io},
       {"GET", "/worker", [](const std::shared_ptr<Exchange>&) { throw 7; }, RunsOn::Worker}});
  RawClient client(server.port());
  for (const std::string path : {"/io", "/worker"}) {
    ASSERT_TRUE(client.send(get(path)));
    const auto response = client.read_response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 500);
    EXPECT_EQ(response->body, "error: The request failed because of a bug in the server.");
  }
  EXPECT_NE(server.log().find("The handler of GET /io threw: boom"), std::string::npos);
}

TEST(ServerHandlers, AnswersForAHandlerThatDropsTheExchange) {
  const HttpServer server({{"GET", "/a", [](const std::shared_ptr<Exchange>&) {}, RunsOn::Io}});
  EXPECT_EQ(ask(server.port(), get("/a")).status, 500);
}

TEST(ServerHandlers, TakesOnlyTheFirstAnswer) {
  const HttpServer server({{"GET", "/a",
                            [](const std::shared_ptr<Exchange>& exchange) {
                              exchange->respond(support::text("first"));
                              exchange->respond(support::text("second"));
                            },
                            RunsOn::Io}});
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/a") + get("/a")));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "first");
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "first");
}

TEST(ServerHandlers, SurvivesARendererThatThrows) {
  ServerOptions options;
  options.port = 0;
  auto server = Server::create(
      options, Router({}),
      [](const Request&, const Problem&) -> Response { throw std::runtime_error("boom"); }, {});
  ASSERT_TRUE(server);
  (*server)->start();
  const RawResponse response = ask((*server)->port(), get("/nowhere"));
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(response.body, "");
}

TEST(ServerHandlers, TurnsRequestsAwayWhenTheWorkersAreOverrun) {
  std::latch release(1);
  ServerOptions options;
  options.worker_threads = 1;
  const HttpServer server({{"GET", "/block",
                            [&](const std::shared_ptr<Exchange>& exchange) {
                              release.wait();
                              exchange->respond({});
                            }}},
                          options);
  std::vector<std::unique_ptr<RawClient>> clients;
  const auto is_refused = [&] {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    return clients.back()->send(get("/block")) &&
           !clients.back()->stays_quiet(std::chrono::milliseconds(0));
  };
  // The queue has 1024 places; an answer can only be a refusal.
  bool was_refused = false;
  for (int i = 0; i < 1100 && !was_refused; ++i) was_refused = is_refused();
  auto response = clients.back()->read_response();
  release.count_down();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->headers["retry-after"], "1");
}

TEST(ServerHandlers, ServesManyConnectionsAtOnce) {
  ServerOptions options;
  options.io_threads = 2;
  std::latch all(64);
  const HttpServer server({{"GET", "/meet",
                            [&](const std::shared_ptr<Exchange>& exchange) {
                              // Answered only once all 64 are being answered.
                              std::thread([&all, exchange] {
                                all.arrive_and_wait();
                                exchange->respond(support::text("met"));
                              }).detach();
                            },
                            RunsOn::Io}},
                          options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    ASSERT_TRUE(clients.back()->send(get("/meet")));
  }
  for (const auto& client : clients) {
    EXPECT_EQ(client->read_response().value_or(RawResponse{}).body, "met");
  }
}

TEST(ServerHandlers, LogsWhatTheHandlerNotes) {
  HttpServer server({{"GET", "/io",
                      [](const std::shared_ptr<Exchange>& exchange) {
                        exchange->note("model", "m1");
                        exchange->note("tokens", std::int64_t{7});
                        exchange->respond(support::text("x"));
                      },
                      RunsOn::Io},
                     {"GET", "/worker",
                      [](const std::shared_ptr<Exchange>& exchange) {
                        exchange->note("model", "m2");
                        exchange->respond(support::text("x"));
                      },
                      RunsOn::Worker}});
  ask(server.port(), get("/io"));
  ask(server.port(), get("/worker"));
  server->stop();
  EXPECT_NE(server.log().find(" model=m1 tokens=7 "), std::string::npos) << server.log();
  EXPECT_NE(server.log().find(" model=m2 "), std::string::npos) << server.log();
}

TEST(ServerHandlers, LogsEveryRequestInOneLine) {
  HttpServer server({});
  const RawResponse response = ask(server.port(), get("/nowhere%1b[31m"));
  EXPECT_EQ(response.status, 404);
  server->stop();
  const std::string log = server.log();
  EXPECT_NE(log.find("http: answered method=GET path=/nowhere\\x1b[31m status=404"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("id=" + response.headers.at("x-request-id")), std::string::npos);
  EXPECT_EQ(std::ranges::count(log, '\n'), 1);
}

}  // namespace
}  // namespace shimmy::http
