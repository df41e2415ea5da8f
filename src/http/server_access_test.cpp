#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
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

const std::string kKey = "sk-0123456789abcdef";

void tell_client(const std::shared_ptr<Exchange>& exchange) {
  exchange->charge(50);
  exchange->respond(support::text(exchange->request().client));
}

std::vector<Route> routes() {
  return {{"GET", "/client", tell_client, RunsOn::Io},
          {"POST", "/client", tell_client, RunsOn::Worker},
          {"GET", "/health", tell_client, RunsOn::Io},
          {"GET", "/", support::echo, RunsOn::Io}};
}

ServerOptions with_key() {
  ServerOptions options;
  options.access.api_keys = {kKey};
  return options;
}

std::string request_of(const std::string& method, const std::string& path,
                       const std::string& headers) {
  return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

TEST(ServerAccess, Rule25_TakesAnyAuthorizationWhereNoKeyIsNeeded) {
  const HttpServer server(routes());
  const RawResponse response =
      ask(server.port(), request_of("GET", "/client", "Authorization: Bearer whatever\r\n"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "127.0.0.1");
}

TEST(ServerAccess, E29_NamesTheClientByItsKey) {
  const HttpServer server(routes(), with_key());
  for (const std::string header : {"Authorization: Bearer ", "x-api-key: ", "api-key: "}) {
    const RawResponse response =
        ask(server.port(), request_of("GET", "/client", header + kKey + "\r\n"));
    EXPECT_EQ(response.status, 200) << header;
    EXPECT_TRUE(response.body.starts_with("key_")) << response.body;
  }
}

TEST(ServerAccess, E29_AnswersWithoutAKeyInTheCallersErrorShape) {
  const HttpServer server(routes(), with_key());
  RawResponse response = ask(server.port(), request_of("GET", "/client", ""));
  EXPECT_EQ(response.status, 401);
  EXPECT_TRUE(response.body.starts_with("error: No API key was given")) << response.body;
  EXPECT_EQ(response.headers["www-authenticate"], "Bearer");
  EXPECT_TRUE(response.headers["x-request-id"].starts_with("req_"));
  response = ask(server.port(), request_of("GET", "/client", "x-api-key: sk-wrong-1\r\n"));
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body, "error: Incorrect API key provided: sk….");
}

TEST(ServerAccess, ARefusalWithoutABodyKeepsTheConnection) {
  const HttpServer server(routes(), with_key());
  RawClient client(server.port());
  ASSERT_TRUE(client.send(request_of("GET", "/client", "") +
                          request_of("GET", "/client", "x-api-key: " + kKey + "\r\n")));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 401);
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 200);
}

TEST(ServerAccess, ARefusalDoesNotReadTheBody) {
  const HttpServer server(routes(), with_key());
  RawClient client(server.port());
  ASSERT_TRUE(client.send(request_of("POST", "/client", "Content-Length: 60000000\r\n")));
  auto response = client.read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 401);
  EXPECT_EQ(response->headers["connection"], "close");
}

TEST(ServerAccess, Http4_SendsNo100BeforeARefusal) {
  const HttpServer server(routes(), with_key());
  EXPECT_EQ(ask(server.port(),
                request_of("POST", "/client", "Content-Length: 9\r\nExpect: 100-continue\r\n"))
                .status,
            401);
}

TEST(ServerAccess, LeavesProbesOpen) {
  const HttpServer server(routes(), with_key());
  EXPECT_EQ(ask(server.port(), get("/health")).status, 200);
  EXPECT_EQ(ask(server.port(), get("/")).status, 200);
  EXPECT_EQ(ask(server.port(), request_of("HEAD", "/", ""), true).status, 200);
}

TEST(ServerAccess, E29_NeverLogsAKey) {
  HttpServer server(routes(), with_key());
  ask(server.port(), request_of("GET", "/client?api_key=" + kKey, "x-api-key: " + kKey + "\r\n"));
  ask(server.port(), request_of("GET", "/client", "Authorization: Bearer sk-wrong-key\r\n"));
  server->stop();
  const std::string log = server.log();
  EXPECT_NE(log.find("client=key_"), std::string::npos) << log;
  EXPECT_NE(log.find("status=401"), std::string::npos) << log;
  EXPECT_EQ(log.find("sk-"), std::string::npos) << log;
}

TEST(ServerAccess, RefusesAnEmptyKey) {
  ServerOptions options = with_key();
  options.port = 0;
  options.access.api_keys.emplace_back();
  const auto server = Server::create(options, Router({}), nullptr, {});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, base::ErrorCode::InvalidRequest);
}

TEST(ServerAccess, Http10_AnswersPreflightsOnAnyPathWithoutAKey) {
  const HttpServer server(routes(), with_key());
  RawClient client(server.port());
  for (const std::string path : {"/client", "/nowhere"}) {
    ASSERT_TRUE(client.send(request_of("OPTIONS", path,
                                       "Origin: http://localhost:3000\r\n"
                                       "Access-Control-Request-Method: POST\r\n"
                                       "Access-Control-Request-Headers: authorization\r\n")));
    auto response = client.read_response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 204);
    EXPECT_EQ(response->headers["access-control-allow-origin"], "http://localhost:3000");
    EXPECT_EQ(response->headers["access-control-allow-headers"], "authorization");
    EXPECT_EQ(response->headers["access-control-max-age"], "600");
    EXPECT_EQ(response->headers["vary"], "Origin");
    EXPECT_FALSE(response->headers.contains("connection"));
  }
}

TEST(ServerAccess, Http10_LetsAllowedPagesReadErrorsToo) {
  const HttpServer server(routes(), with_key());
  const std::string origin = "Origin: http://localhost:3000\r\n";
  for (const std::string& bytes :
       {request_of("GET", "/client", origin),
        request_of("GET", "/nowhere", origin + "x-api-key: " + kKey + "\r\n"),
        request_of("POST", "/client",
                   origin + "x-api-key: " + kKey + "\r\nContent-Length: 99000000\r\n")}) {
    RawResponse response = ask(server.port(), bytes);
    EXPECT_GE(response.status, 400);
    EXPECT_EQ(response.headers["access-control-allow-origin"], "http://localhost:3000");
  }
}

TEST(ServerAccess, E30_PromisesForeignPagesNothing) {
  const HttpServer server(routes());
  RawResponse response =
      ask(server.port(), request_of("GET", "/client", "Origin: https://evil.example\r\n"));
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(response.headers.contains("access-control-allow-origin"));
}

TEST(ServerAccess, TakesConfiguredHostsAndOrigins) {
  ServerOptions options;
  options.access.machine_name = "box";
  options.access.allowed_hosts = {"ours.example"};
  options.access.allowed_origins = {"https://*.ours.example"};
  const HttpServer server(routes(), options);
  const auto status = [&](const std::string& headers) {
    return ask(server.port(), "POST /client HTTP/1.1\r\nContent-Length: 0\r\n" + headers + "\r\n")
        .status;
  };
  EXPECT_EQ(status("Host: ours.example\r\n"), 200);
  EXPECT_EQ(status("Host: box.local:11435\r\n"), 200);
  EXPECT_EQ(status("Host: theirs.example\r\n"), 403);
  EXPECT_EQ(status("Host: localhost\r\nOrigin: https://a.ours.example\r\n"), 200);
  EXPECT_EQ(status("Host: localhost\r\nOrigin: https://theirs.example\r\n"), 403);
}

TEST(ServerAccess, Http13_LimitsRequestsAndTellsSo) {
  ServerOptions options;
  options.rates.requests_per_minute = 2;
  const HttpServer server(routes(), options);
  RawClient client(server.port());
  for (const std::string left : {"1", "0"}) {
    ASSERT_TRUE(client.send(get("/client")));
    auto response = client.read_response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->headers["x-ratelimit-limit-requests"], "2");
    EXPECT_EQ(response->headers["x-ratelimit-remaining-requests"], left);
  }
  ASSERT_TRUE(client.send(get("/client")));
  auto refused = client.read_response();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->headers["retry-after"], "30");
  ASSERT_TRUE(client.send(get("/health")));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 200);
}

TEST(ServerAccess, ChargesTheClientForWhatTheHandlerUsed) {
  ServerOptions options;
  options.rates.units_per_minute = 60;
  options.rates.units_name = "tokens";
  const HttpServer server(routes(), options);
  EXPECT_EQ(ask(server.port(), get("/client")).headers["x-ratelimit-remaining-tokens"], "60");
  EXPECT_EQ(ask(server.port(), get("/client")).headers["x-ratelimit-remaining-tokens"], "10");
  EXPECT_EQ(ask(server.port(), get("/client")).status, 429);
}

int status_of(HttpServer& server, const std::string& header) {
  return ask(server.port(), request_of("GET", "/client", header)).status;
}

TEST(ServerAccess, ChangesWhileItServes) {
  HttpServer server(routes(), with_key());
  RawClient open(server.port());
  const std::string with_old = request_of("GET", "/client", "x-api-key: " + kKey + "\r\n");
  ASSERT_TRUE(open.send(with_old));
  EXPECT_EQ(open.read_response().value_or(RawResponse{}).status, 200);
  ASSERT_TRUE(server->change_access({.api_keys = {"sk-new"}}, {}));
  EXPECT_EQ(status_of(server, "x-api-key: sk-new\r\n"), 200);
  ASSERT_TRUE(open.send(with_old)) << "the connection stays";
  EXPECT_EQ(open.read_response().value_or(RawResponse{}).status, 401);
  ASSERT_TRUE(server->change_access({}, {}));
  EXPECT_EQ(status_of(server, ""), 200);
  EXPECT_FALSE(server->change_access({.api_keys = {""}}, {}));
  EXPECT_EQ(status_of(server, ""), 200);
}

TEST(ServerAccess, KeepsCountsOfLimitsThatStay) {
  const RateRules one{.requests_per_minute = 1};
  HttpServer server(routes());
  ASSERT_TRUE(server->change_access({}, one));
  EXPECT_EQ(status_of(server, ""), 200);
  ASSERT_TRUE(server->change_access({.allowed_hosts = {"x"}}, one));
  EXPECT_EQ(status_of(server, ""), 429);
  ASSERT_TRUE(server->change_access({}, {}));
  EXPECT_EQ(status_of(server, ""), 200);
}

}  // namespace
}  // namespace shimmy::http
