#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "http/listening_socket.h"
#include "http/server.h"
#include "http/websocket.h"
#include "support/http_server.h"
#include "support/raw_client.h"
#include "support/temp_dir.h"
#include "support/websocket_client.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::get;
using support::happens;
using support::HttpServer;
using support::RawClient;
using support::RawResponse;

void tell_peer(const std::shared_ptr<Exchange>& exchange) {
  exchange->respond(support::text(exchange->request().peer));
}

ServerOptions at(std::string address) {
  ServerOptions options;
  options.address = std::move(address);
  return options;
}

std::string peer_seen(RawClient& client) {
  EXPECT_TRUE(client.send(get("/peer")));
  return client.read_response().value_or(RawResponse{}).body;
}

std::vector<Route> peer_route() { return {{"GET", "/peer", tell_peer, RunsOn::Io}}; }

class ServerUnixSocket : public testing::Test {
 protected:
  const support::TempDir temp_;
  const std::string path_ = (temp_.path() / "shimmy.sock").string();
};

TEST_F(ServerUnixSocket, AnswersAndGoes) {
  {
    HttpServer server(peer_route(), at("unix:" + path_));
    EXPECT_EQ(server.port(), 0);
    EXPECT_EQ(server->address(), "unix:" + path_);
    RawClient client(path_);
    ASSERT_TRUE(client.is_connected());
    EXPECT_EQ(peer_seen(client), "unix");
    EXPECT_EQ(peer_seen(client), "unix");
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

// A proxy in front passes on the name under which it is reached.
TEST_F(ServerUnixSocket, TakesAnyHostName) {
  const HttpServer server(peer_route(), at("unix:" + path_));
  RawClient client(path_);
  ASSERT_TRUE(client.send("GET /peer HTTP/1.1\r\nHost: models.example\r\n\r\n"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 200);
}

TEST_F(ServerUnixSocket, CarriesWebSockets) {
  const HttpServer server({websocket_route("/ws",
                                           [](const std::shared_ptr<WebSocket>& socket) {
                                             socket->on_message([socket](const std::string& text) {
                                               socket->send(text + "!");
                                             });
                                           })},
                          at("unix:" + path_));
  RawClient client(path_);
  ASSERT_TRUE(support::upgrade(client, "/ws"));
  ASSERT_TRUE(client.send(support::text_frame("hello")));
  EXPECT_EQ(support::read_frame(client).value_or(support::Frame{}).payload, "hello!");
}

TEST_F(ServerUnixSocket, NoticesAClientThatGoesWhileNothingIsWritten) {
  std::promise<void> started;
  std::promise<void> gone;
  std::shared_ptr<BodyStream> body;
  HttpServer server({{"GET", "/stream",
                      [&](const std::shared_ptr<Exchange>& exchange) {
                        body = exchange->start_stream({});
                        exchange->on_disconnect([&] { gone.set_value(); });
                        started.set_value();
                      },
                      RunsOn::Io}},
                    at("unix:" + path_));
  RawClient client(path_);
  ASSERT_TRUE(client.send(get("/stream")));
  ASSERT_TRUE(happens(started.get_future()));
  const auto before = std::chrono::steady_clock::now();
  client.close();
  EXPECT_TRUE(happens(gone.get_future()));
  // A fraction of a millisecond when idle; the promise is 50 ms, on a machine that has time for us.
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(1000));
  server->stop();
}

TEST_F(ServerUnixSocket, FailsWhereAnotherServerAnswers) {
  const HttpServer server(peer_route(), at("unix:" + path_));
  const auto second = Server::create(at("unix:" + path_), Router({}), nullptr, {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("already answers"), std::string::npos);
}

TEST(ServerInheritedSocket, ServesInPlaceOfTheAddress) {
  auto sockets = listen_on_tcp("127.0.0.1", 0);
  ASSERT_TRUE(sockets);
  const std::uint16_t port = sockets->front()->port();
  ServerOptions options = at("192.0.2.1");  // never bound
  options.inherited_sockets = {sockets->front()->release()};
  const HttpServer server(peer_route(), options);
  EXPECT_EQ(server.port(), port);
  RawClient client(port);
  EXPECT_EQ(peer_seen(client), "127.0.0.1");
}

TEST(ServerInheritedSocket, ServesSeveral) {
  const support::TempDir temp;
  const std::string path = (temp.path() / "socket").string();
  auto sockets = listen_on_tcp("127.0.0.1", 0);
  auto local = listen_on_unix(path);
  ASSERT_TRUE(sockets && local);
  const std::uint16_t port = sockets->front()->port();
  ServerOptions options;
  options.inherited_sockets = {sockets->front()->release(), (*local)->release()};
  const HttpServer server(peer_route(), options);
  RawClient over_tcp(port);
  RawClient over_unix(path);
  EXPECT_EQ(peer_seen(over_tcp), "127.0.0.1");
  EXPECT_EQ(peer_seen(over_unix), "unix");
}

class ServerIpv6 : public testing::Test {
 protected:
  void SetUp() override {
    if (access("/proc/net/if_inet6", F_OK) != 0) GTEST_SKIP() << "this machine has no IPv6";
  }
};

TEST_F(ServerIpv6, AnswersOnLoopback) {
  const HttpServer server(peer_route(), at("::1"));
  RawClient client(server.port(), "::1");
  ASSERT_TRUE(client.is_connected());
  EXPECT_EQ(peer_seen(client), "::1");
  EXPECT_FALSE(RawClient(server.port(), "127.0.0.1").is_connected());
}

TEST_F(ServerIpv6, TakesIpv6HostNames) {
  const HttpServer server(peer_route(), at("[::1]"));
  RawClient client(server.port(), "::1");
  ASSERT_TRUE(client.send("GET /peer HTTP/1.1\r\nHost: [::1]:" + std::to_string(server.port()) +
                          "\r\n\r\n"));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).status, 200);
}

TEST_F(ServerIpv6, AnswersBothKindsOnTheWildcard) {
  const HttpServer server(peer_route(), at("::"));
  RawClient over_ipv6(server.port(), "::1");
  RawClient over_ipv4(server.port(), "127.0.0.1");
  EXPECT_EQ(peer_seen(over_ipv6), "::1");
  EXPECT_EQ(peer_seen(over_ipv4), "127.0.0.1");
}

TEST_F(ServerIpv6, AnswersOnEveryAddressOfAName) {
  const HttpServer server(peer_route(), at("localhost"));
  RawClient over_ipv4(server.port(), "127.0.0.1");
  EXPECT_EQ(peer_seen(over_ipv4), "127.0.0.1");
  const auto named = listen_on_tcp("localhost", 0);
  ASSERT_TRUE(named);
  if (named->size() < 2) GTEST_SKIP() << "localhost is one address here";
  RawClient over_ipv6(server.port(), "::1");
  EXPECT_EQ(peer_seen(over_ipv6), "::1");
}

}  // namespace
}  // namespace shimmy::http
