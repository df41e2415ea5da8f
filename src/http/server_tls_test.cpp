#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/server.h"
#include "http/websocket.h"
#include "support/http_server.h"
#include "support/raw_client.h"
#include "support/temp_dir.h"
#include "support/tls_client.h"
#include "support/tls_identity.h"
#include "support/websocket_client.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using support::awaited;
using support::get;
using support::happens;
using support::HttpServer;
using support::post;
using support::RawClient;
using support::RawResponse;
using support::TlsClient;
using support::TlsOffer;

struct Stream {
  std::shared_ptr<Exchange> exchange;
  std::shared_ptr<BodyStream> body;
};

class ServerTls : public testing::Test {
 protected:
  ServerOptions options() const {
    ServerOptions options;
    options.tls_certificate = identity_.certificate();
    options.tls_key = identity_.key();
    return options;
  }

  std::vector<Route> routes() {
    return {
        {"GET", "/hello", support::echo, RunsOn::Io},
        {"POST", "/hello", support::echo, RunsOn::Io},
        {"POST", "/size",
         [](const std::shared_ptr<Exchange>& exchange) {
           exchange->respond(support::text(std::to_string(exchange->request().body.size())));
         },
         RunsOn::Io},
        {"GET", "/large",
         [](const std::shared_ptr<Exchange>& exchange) {
           exchange->respond(support::text(std::string(5'000'000, 'x')));
         },
         RunsOn::Io},
        {"GET", "/stream",
         [this](std::shared_ptr<Exchange> exchange) {
           auto body = exchange->start_stream({});
           exchange->on_disconnect([this] { gone_.set_value(); });
           body->write("first");
           started_.set_value({std::move(exchange), std::move(body)});
         },
         RunsOn::Io},
        websocket_route("/ws", [](const std::shared_ptr<WebSocket>& socket) {
          socket->on_message([socket](const std::string& text) { socket->send("re: " + text); });
        })};
  }

  static std::string body_of(RawClient& client, const std::string& request) {
    EXPECT_TRUE(client.send(request));
    return client.read_response().value_or(RawResponse{}).body;
  }

  const support::TlsIdentity identity_;
  std::promise<Stream> started_;
  std::promise<void> gone_;
};

TEST_F(ServerTls, AnswersRequestsOneAfterTheOther) {
  const HttpServer server(routes(), options());
  TlsClient client(server.port());
  ASSERT_TRUE(client.is_encrypted());
  EXPECT_EQ(body_of(client, get("/hello")), "GET /hello?\n");
  EXPECT_EQ(body_of(client, post("/hello", "twice")), "POST /hello?\ntwice");
  ASSERT_TRUE(client.send(get("/hello?1") + get("/hello?2")));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "GET /hello?1\n");
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "GET /hello?2\n");
}

TEST_F(ServerTls, SpeaksOnlyRecentVersions) {
  const HttpServer server(routes(), options());
  EXPECT_EQ(TlsClient(server.port()).version(), "TLSv1.3");
  TlsClient older(server.port(), TlsOffer{.newest_version = TLS1_2_VERSION});
  EXPECT_EQ(older.version(), "TLSv1.2");
  EXPECT_EQ(body_of(older, get("/hello")), "GET /hello?\n");
  EXPECT_FALSE(TlsClient(server.port(), TlsOffer{.newest_version = TLS1_1_VERSION}).is_encrypted());
}

TEST_F(ServerTls, SettlesOnHttp11) {
  const HttpServer server(routes(), options());
  EXPECT_EQ(TlsClient(server.port(), TlsOffer{"\x02h2\x08http/1.1"}).protocol(), "http/1.1");
  EXPECT_EQ(TlsClient(server.port()).protocol(), "");
  EXPECT_FALSE(TlsClient(server.port(), TlsOffer{"\x02h2"}).is_encrypted());
}

TEST_F(ServerTls, CarriesLargeBodiesBothWays) {
  const HttpServer server(routes(), options());
  TlsClient client(server.port());
  EXPECT_EQ(body_of(client, get("/large")).size(), 5'000'000U);
  EXPECT_EQ(body_of(client, post("/size", std::string(3'000'000, 'x'))), "3000000");
  EXPECT_EQ(body_of(client, get("/hello")), "GET /hello?\n");
}

TEST_F(ServerTls, ServesRequestsThatArriveByteByByte) {
  const HttpServer server(routes(), options());
  TlsClient client(server.port());
  for (const char byte : post("/hello", "slow")) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "POST /hello?\nslow");
}

TEST_F(ServerTls, StreamsEventsAndGoesOn) {
  HttpServer server(routes(), options());
  TlsClient client(server.port());
  ASSERT_TRUE(client.send(get("/stream") + get("/hello")));  // the second is sent ahead
  const Stream stream = awaited(started_.get_future());
  ASSERT_TRUE(client.read_head());
  EXPECT_EQ(client.read_chunk(), "first");
  stream.exchange->post([&] {
    stream.body->write("second");
    stream.body->finish();
  });
  EXPECT_EQ(client.read_chunk(), "second");
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body, "GET /hello?\n");
}

TEST_F(ServerTls, IsFullWhileTheClientDoesNotRead) {
  HttpServer server(routes(), options());
  TlsClient client(server.port());
  ASSERT_TRUE(client.send(get("/stream")));
  const Stream stream = awaited(started_.get_future());
  std::promise<std::size_t> filled;
  std::promise<void> drained;
  stream.exchange->post([&] {
    std::size_t written = 5;
    stream.body->on_drained([&] {
      stream.body->on_drained(nullptr);
      stream.body->finish();
      drained.set_value();
    });
    for (; !stream.body->is_full(); written += 50'000) {
      stream.body->write(std::string(50'000, 'x'));
    }
    filled.set_value(written);
  });
  const std::size_t written = awaited(filled.get_future());
  EXPECT_EQ(client.read_response().value_or(RawResponse{}).body.size(), written);
  EXPECT_TRUE(happens(drained.get_future()));
}

TEST_F(ServerTls, NoticesAClientThatGoesWhileNothingIsWritten) {
  HttpServer server(routes(), options());
  TlsClient client(server.port());
  ASSERT_TRUE(client.send(get("/stream")));
  const Stream stream = awaited(started_.get_future());
  const auto before = steady_clock::now();
  client.close();
  EXPECT_TRUE(happens(gone_.get_future()));
  // A fraction of a millisecond when idle; the promise is 50 ms, on a machine that has time for us.
  EXPECT_LT(steady_clock::now() - before, milliseconds(1000));
  server->stop();
}

TEST_F(ServerTls, ChangesItsKeysWhenAsked) {
  const HttpServer server(routes(), options());
  TlsClient client(server.port());
  EXPECT_EQ(body_of(client, get("/hello")), "GET /hello?\n");
  ASSERT_TRUE(client.update_keys());
  EXPECT_EQ(body_of(client, get("/hello")), "GET /hello?\n");
}

TEST_F(ServerTls, SaysWhenItIsFinished) {
  const HttpServer server(routes(), options());
  TlsClient client(server.port());
  EXPECT_EQ(body_of(client, "GET /hello HTTP/1.0\r\n\r\n"), "GET /hello?\n");
  EXPECT_TRUE(client.is_at_end());
  EXPECT_TRUE(client.was_told_the_end());
}

TEST_F(ServerTls, ACutStreamDoesNotPassForAFinishedOne) {
  HttpServer server(routes(), options());
  TlsClient client(server.port());
  ASSERT_TRUE(client.send("GET /stream HTTP/1.0\r\n\r\n"));
  awaited(started_.get_future());  // and dropped
  EXPECT_EQ(client.read_response(), std::nullopt);
  EXPECT_FALSE(client.was_told_the_end());
}

TEST_F(ServerTls, TellsClientsThatSpeakPlainHttp) {
  const HttpServer server(routes(), options());
  RawClient client(server.port());
  ASSERT_TRUE(client.send(get("/hello")));
  const auto response = client.read_response();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 400);
  EXPECT_NE(response->body.find("https://"), std::string::npos);
  EXPECT_TRUE(client.is_at_end());
}

TEST_F(ServerTls, ClosesOnGarbage) {
  const HttpServer server(routes(), options());
  for (const std::string& bytes :
       {std::string(100, '\xFF'), std::string(100, '\0'), std::string("\x16\x03\x01\x40\x00zzzz"),
        std::string("SSH-2.0-OpenSSH_9.2\r\n")}) {
    RawClient client(server.port());
    ASSERT_TRUE(client.send(bytes + std::string(20'000, 'z')));
    while (client.read_exactly(1)) {  // an alert
    }
    EXPECT_TRUE(client.is_at_end());
  }
  TlsClient good(server.port());
  EXPECT_EQ(body_of(good, get("/hello")), "GET /hello?\n");
}

TEST_F(ServerTls, DoesNotWaitForAHandshakeForEver) {
  ServerOptions with_limit = options();
  with_limit.limits.header_time = milliseconds(30);
  const HttpServer server(routes(), with_limit);
  RawClient silent(server.port());
  RawClient half(server.port());
  ASSERT_TRUE(half.send(std::string("\x16\x03\x01", 3)));
  EXPECT_TRUE(silent.is_at_end());
  EXPECT_TRUE(half.is_at_end());
}

TEST_F(ServerTls, ADrainClosesWhatHasNotShakenHands) {
  HttpServer server(routes(), options());
  RawClient half(server.port());
  ASSERT_TRUE(half.send(std::string("\x16\x03\x01", 3)));
  TlsClient idle(server.port());
  EXPECT_EQ(body_of(idle, get("/hello")), "GET /hello?\n");
  EXPECT_TRUE(server->drain(seconds(8)));
  EXPECT_TRUE(half.is_at_end());
}

TEST_F(ServerTls, CarriesWebSockets) {
  const HttpServer server(routes(), options());
  TlsClient client(server.port());
  ASSERT_TRUE(client.send(support::upgrade_request("/ws") + support::text_frame("early")));
  EXPECT_EQ(client.read_head().value_or(RawResponse{}).status, 101);
  EXPECT_EQ(support::read_frame(client).value_or(support::Frame{}).payload, "re: early");
  // More than one read of the server's, in records that arrive together.
  std::string many;
  for (int i = 0; i < 3000; ++i) many += support::text_frame("message " + std::to_string(i));
  ASSERT_TRUE(client.send(many));
  for (int i = 0; i < 3000; ++i) {
    ASSERT_EQ(support::read_frame(client).value_or(support::Frame{}).payload,
              "re: message " + std::to_string(i));
  }
  ASSERT_TRUE(client.send(support::close_bytes(1000)));
  EXPECT_EQ(support::read_frame(client).value_or(support::Frame{}).opcode, 8);
  EXPECT_TRUE(client.is_at_end());
}

TEST_F(ServerTls, WorksOverUnixSockets) {
  const support::TempDir temp;
  const std::string path = (temp.path() / "socket").string();
  ServerOptions unix_options = options();
  unix_options.address = "unix:" + path;
  const HttpServer server(routes(), unix_options);
  TlsClient client(path);
  EXPECT_EQ(body_of(client, get("/hello")), "GET /hello?\n");
}

TEST_F(ServerTls, NeedsBothFiles) {
  for (const bool without_key : {true, false}) {
    ServerOptions half = options();
    (without_key ? half.tls_key : half.tls_certificate).clear();
    const auto server = Server::create(half, Router({}), nullptr, {});
    ASSERT_FALSE(server);
    EXPECT_NE(server.error().message.find(without_key ? "only a certificate" : "only a key"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace shimmy::http
