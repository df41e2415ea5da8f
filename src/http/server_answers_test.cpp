#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/server.h"
#include "support/http_server.h"
#include "support/raw_client.h"

namespace shimmy::http {
namespace {

using support::ask;
using support::awaited;
using support::echo;
using support::get;
using support::HttpServer;
using support::post;
using support::RawClient;
using support::RawResponse;

std::vector<Route> echo_routes() {
  return {{"GET", "/io", echo, RunsOn::Io},
          {"POST", "/io", echo, RunsOn::Io},
          {"POST", "/worker", echo, RunsOn::Worker},
          {"GET", "/m/*", echo, RunsOn::Worker}};
}

TEST(Server, AnswersWithEveryHeader) {
  const HttpServer server(echo_routes());
  RawResponse response = ask(server.port(), get("/io?a=b"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "GET /io?a=b\n");
  EXPECT_EQ(response.headers["content-type"], "text/plain");
  EXPECT_EQ(response.headers["content-length"], "12");
  EXPECT_EQ(response.headers["server"], "test");
  EXPECT_TRUE(response.headers.contains("date"));
  EXPECT_TRUE(response.headers["x-request-id"].starts_with("req_"));
  EXPECT_EQ(response.headers["x-request-id"], response.headers["request-id"]);
  EXPECT_FALSE(response.headers.contains("connection"));
}

TEST(Server, KeepsTheConnectionForTheNextRequest) {
  const HttpServer server(echo_routes());
  RawClient client(server.port());
  for (const std::string path : {"/io", "/worker", "/io", "/worker"}) {
    ASSERT_TRUE(client.send(post(path, "x")));
    const auto response = client.read_response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "POST " + path + "?\nx");
  }
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
  const HttpServer server(echo_routes());
  RawClient client(server.port());
  ASSERT_TRUE(client.send("GET /io HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  auto response = client.read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers["connection"], "close");
  EXPECT_TRUE(client.is_at_end());
}

TEST(ServerAnswers, Http5_KeepTheOrderOfPipelinedRequests) {
  const HttpServer server(echo_routes());
  RawClient client(server.port());
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += post(i % 2 == 0 ? "/worker" : "/io", std::to_string(i));
  ASSERT_TRUE(client.send(bytes));
  for (int i = 0; i < 50; ++i) {
    const auto response = client.read_response();
    ASSERT_TRUE(response);
    EXPECT_TRUE(response->body.ends_with("\n" + std::to_string(i))) << response->body;
  }
}

TEST(Server, KeepsManyRequestsSentAheadWaiting) {
  std::promise<std::shared_ptr<Exchange>> arrived;
  std::vector<Route> routes = echo_routes();
  routes.push_back(
      {"GET", "/slow",
       [&](std::shared_ptr<Exchange> exchange) { arrived.set_value(std::move(exchange)); },
       RunsOn::Io});
  const HttpServer server(std::move(routes));
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/slow")));
  const auto exchange = awaited(arrived.get_future());
  ASSERT_TRUE(exchange);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client.send(post("/io", std::string(4000, 'x'))));
  exchange->respond(support::text("first"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "first");
  for (int i = 0; i < 20; ++i)
    ASSERT_EQ(client.read_response().value_or(RawResponse{}).status, 200);
}

TEST(Server, ReadsChunkedBodies) {
  const HttpServer server(echo_routes());
  EXPECT_EQ(ask(server.port(),
                "POST /worker HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
                .body,
            "POST /worker?\nabcde");
}

TEST(Server, ReadsAndWritesLargeBodies) {
  const HttpServer server(echo_routes());
  const std::string body(5'000'000, 'b');
  RawClient client(server.port());
  const std::jthread sender([&] { EXPECT_TRUE(client.send(post("/worker", body))); });
  const auto response = client.read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "POST /worker?\n" + body);
}

TEST(Server, AnswersHeadWithTheHeadersOfGet) {
  const HttpServer server(echo_routes());
  RawClient client(server.port());
  ASSERT_TRUE(client.send("HEAD /io HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/io")));
  auto head = client.read_response(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers["content-length"], "10");  // of "HEAD /io?\n"
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "GET /io?\n");
}

TEST(Server, SpeaksHttp10) {
  const HttpServer server(echo_routes());
  RawClient client(server.port());
  ASSERT_TRUE(client.send("GET /io HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  auto first = client.read_response();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->headers["connection"], "keep-alive");
  ASSERT_TRUE(client.send("GET /io HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "GET /io?\n");
  EXPECT_TRUE(client.is_at_end());
}

TEST(Server, AsksForABodyThatWaits) {
  const HttpServer server(echo_routes());
  RawClient client(server.port());
  ASSERT_TRUE(
      client.send("POST /io HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                  "Content-Length: 2\r\n\r\n"));
  EXPECT_EQ(client.read_through("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.send("hi"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "POST /io?\nhi");
}

TEST(Server, DoesNotAskForABodyItWillRefuse) {
  ServerOptions options;
  options.limits.body_bytes = 10;
  const HttpServer server(echo_routes(), options);
  EXPECT_EQ(ask(server.port(),
                "POST /io HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                "Content-Length: 20\r\n\r\n")
                .status,
            413);
}

TEST(ServerAnswers, Http12_CarryTheHeadersThatTheServerWasGiven) {
  ServerOptions options;
  options.extra_headers = {{"openai-version", "2020-10-01"}, {"X-Other", "1"}};
  options.processing_header = "openai-processing-ms";
  const HttpServer server(echo_routes(), options);
  for (const std::string& bytes :
       {get("/io"), get("/nowhere"), std::string("nonsense\r\n\r\n"), post("/worker", "x"),
        std::string("OPTIONS /io HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n"),
        std::string("POST /io HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99000000\r\n\r\n")}) {
    RawResponse response = ask(server.port(), bytes);
    EXPECT_EQ(response.headers["openai-version"], "2020-10-01") << bytes;
    EXPECT_EQ(response.headers["x-other"], "1");
    const std::string& span = response.headers["openai-processing-ms"];
    EXPECT_FALSE(span.empty());
    EXPECT_EQ(span.find_first_not_of("0123456789"), std::string::npos) << span;
    EXPECT_TRUE(response.headers["x-request-id"].starts_with("req_")) << bytes;
    EXPECT_EQ(response.headers["x-request-id"].size(), 36U);
    EXPECT_EQ(response.headers["request-id"], response.headers["x-request-id"]);
    EXPECT_TRUE(response.headers.contains("date"));
    EXPECT_EQ(response.headers["server"], "test");
  }
}

TEST(ServerAnswers, Http1_PromiseNothingAboutKeepAlive) {
  const HttpServer server(echo_routes());
  EXPECT_FALSE(ask(server.port(), get("/io")).headers.contains("keep-alive"));
  EXPECT_GE(Limits{}.idle_time, std::chrono::seconds(75));
}

TEST(ServerAnswers, Http8_AnswerHeadOnEveryGetRouteWithTheSameHeaders) {
  const HttpServer server({{"GET", "/a",
                            [](const std::shared_ptr<Exchange>& exchange) {
                              exchange->respond(support::text("hello"));
                            },
                            RunsOn::Io},
                           {"GET", "/m/*",
                            [](const std::shared_ptr<Exchange>& exchange) {
                              exchange->respond(support::text("hello"));
                            }},
                           {"POST", "/p", echo}});
  RawClient client(server.port());
  for (const std::string path : {"/a", "/m/x"}) {
    ASSERT_TRUE(client.send(get(path)));
    auto with_body = client.read_response();
    ASSERT_TRUE(client.send("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    auto head = client.read_response(true);
    ASSERT_TRUE(head && with_body);
    EXPECT_EQ(head->status, 200);
    for (const std::string id : {"x-request-id", "request-id", "date"}) {
      head->headers.erase(id);
      with_body->headers.erase(id);
    }
    EXPECT_EQ(head->headers, with_body->headers);
  }
  ASSERT_TRUE(client.send("HEAD /p HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_EQ(client.read_response(true).value_or(RawResponse{}).status, 405);
  ASSERT_TRUE(client.send("HEAD /none HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_EQ(client.read_response(true).value_or(RawResponse{}).status, 404);
}

TEST(ServerAnswers, Http9_AnswerOptionsWithWhatIsAllowed) {
  const HttpServer server(echo_routes());
  RawClient client(server.port());
  for (const auto& [target, allow] :
       {std::pair{"/io", "GET, HEAD, POST, OPTIONS"}, std::pair{"/worker", "POST, OPTIONS"},
        std::pair{"*", "GET, HEAD, POST, OPTIONS"}}) {
    ASSERT_TRUE(
        client.send("OPTIONS " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    auto response = client.read_response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 204) << target;
    EXPECT_EQ(response->headers["allow"], allow);
    EXPECT_FALSE(response->headers.contains("content-length"));
  }
  EXPECT_EQ(ask(server.port(), "OPTIONS /none HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 404);
}

TEST(ServerAnswers, Http17_TolerateSlashes) {
  const HttpServer server({{"POST", "/v1/x", echo}, {"GET", "/", echo}});
  for (const std::string path : {"/v1/x", "/v1/x/", "//v1//x", "/v1/x///"}) {
    EXPECT_EQ(ask(server.port(), post(path, "")).body, "POST /v1/x?\n") << path;
  }
  EXPECT_EQ(ask(server.port(), get("//")).body, "GET /?\n");
}

TEST(ServerAnswers, Http18_IgnoreTheQueryForRouting) {
  const HttpServer server(echo_routes());
  for (const std::string query : {"beta=true", "api-version=1&x=%2F", "", "a?b/c"}) {
    EXPECT_EQ(ask(server.port(), post("/io?" + query, "")).body, "POST /io?" + query + "\n");
  }
}

TEST(ServerAnswers, E27_TakeAbsoluteTargets) {
  const HttpServer server(echo_routes());
  EXPECT_EQ(
      ask(server.port(), "GET http://localhost:1/io?x HTTP/1.1\r\nHost: localhost\r\n\r\n").body,
      "GET /io?x\n");
}

TEST(Server, AnswersUnknownPathsWith404) {
  const HttpServer server(echo_routes());
  const RawResponse response = ask(server.port(), get("/nowhere"));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "error: There is nothing at GET /nowhere.");
}

TEST(ServerAnswers, Http9_SayWhichMethodsAPathHas) {
  const HttpServer server(echo_routes());
  RawResponse response = ask(server.port(), "DELETE /io HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers["allow"], "GET, HEAD, POST");
}

TEST(Server, AnswersMalformedRequestsWith400AndCloses) {
  const HttpServer server(echo_routes());
  for (const std::string_view bytes : {"nonsense\r\n\r\n", "GET /io HTTP/1.1\r\n\r\n",
                                       "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                       "POST /io HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                                       "1\r\nTransfer-Encoding: chunked\r\n\r\n"
                                       "0\r\n\r\n"}) {
    RawClient client(server.port());
    ASSERT_TRUE(client.send(std::string(bytes) + get("/io")));
    auto response = client.read_response();
    ASSERT_TRUE(response) << bytes;
    EXPECT_EQ(response->status, 400) << bytes;
    EXPECT_EQ(response->headers["connection"], "close");
    EXPECT_TRUE(response->body.starts_with("error: ")) << response->body;
    EXPECT_TRUE(client.is_at_end()) << bytes;  // what follows is not taken for a request
  }
}

TEST(Server, GuardsAgainstForeignHostsAndOrigins) {
  const HttpServer server(echo_routes());
  EXPECT_EQ(ask(server.port(), "GET /io HTTP/1.1\r\nHost: evil.example\r\n\r\n").status, 403);
  EXPECT_EQ(ask(server.port(),
                "POST /io HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
                "Content-Length: 0\r\n\r\n")
                .status,
            403);
  EXPECT_EQ(ask(server.port(),
                "POST /io HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\n"
                "Content-Length: 0\r\n\r\n")
                .status,
            200);
}

}  // namespace
}  // namespace shimmy::http
