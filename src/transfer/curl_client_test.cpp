#include "transfer/curl_client.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <latch>

#include "support/http_server.h"
#include "support/temp_dir.h"
#include "support/tls_identity.h"
#include "transfer/transfer_fixture.h"

namespace shimmy::transfer {
namespace {

using support::RawPeer;
using support::RawServer;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Sets a variable of the environment for one test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(CurlClient, BringsStatusHeadersAndBody) {
  RawServer server([](RawPeer& peer) {
    peer.read_request();
    peer.answer(404, "not here", "X-Odd:   spaced  \r\n");
  });
  Collected collected;
  const auto head = CurlClient().send(get(server.url("/thing")), collected.receiver());
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->status, 404);
  EXPECT_EQ(head->header("x-odd"), "spaced");
  EXPECT_EQ(head->content_length(), 8);
  EXPECT_EQ(head->url, server.url("/thing"));
  EXPECT_EQ(collected.body, "not here");
  EXPECT_EQ(collected.heads, 1);
}

TEST(CurlClient, ShowsTheHeadBeforeTheBodyComes) {
  std::promise<void> seen;
  RawServer server([&](RawPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
    if (seen.get_future().wait_for(support::kPatience) == std::future_status::ready) {
      peer.send("body");
    }
  });
  std::string body;
  const Receiver receiver{[&](const ResponseHead&) -> base::Result<void> {
                            seen.set_value();
                            return {};
                          },
                          [&](std::string_view bytes) -> base::Result<void> {
                            body += bytes;
                            return {};
                          }};
  ASSERT_TRUE(CurlClient().send(get(server.url("/")), receiver));
  EXPECT_EQ(body, "body");
}

TEST(CurlClient, BringsEachPieceOfAStreamAsItComes) {
  std::latch first_seen(1);
  RawServer server([&](RawPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\n\r\n");
    first_seen.wait();
    peer.send("2\r\nb\n\r\n0\r\n\r\n");
  });
  std::vector<std::string> pieces;
  const Receiver receiver{.body = [&](std::string_view bytes) -> base::Result<void> {
    if (pieces.empty()) first_seen.count_down();
    pieces.emplace_back(bytes);
    return {};
  }};
  ASSERT_TRUE(CurlClient().send(get(server.url("/")), receiver));
  EXPECT_EQ(pieces, (std::vector<std::string>{"a\n", "b\n"}));
}

TEST(CurlClient, SendsMethodHeadersAndBody) {
  std::string request_text;
  RawServer server([&](RawPeer& peer) {
    request_text = peer.read_request().value_or("");
    peer.answer(200, "");
  });
  Request request = get(server.url("/api?x=1"));
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  request.body = std::string(2000, 'x');
  ASSERT_TRUE(CurlClient({.user_agent = "shimmy/1"}).send(request, {}));
  EXPECT_THAT(request_text, StartsWith("POST /api?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request_text, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(request_text, HasSubstr("\r\nX-Empty:\r\n"));
  EXPECT_THAT(request_text, HasSubstr("\r\nUser-Agent: shimmy/1\r\n"));
  EXPECT_THAT(request_text, HasSubstr("\r\nContent-Length: 2000\r\n"));
  EXPECT_THAT(request_text, Not(HasSubstr("Expect:")));
  EXPECT_THAT(request_text, EndsWith("\r\n\r\n" + request.body));
}

TEST(CurlClient, SendsOtherMethodsWithoutABody) {
  std::string request_text;
  RawServer server([&](RawPeer& peer) {
    request_text = peer.read_request().value_or("");
    peer.answer(200, "gone");
  });
  Request request = get(server.url("/api/delete"));
  request.method = "DELETE";
  ASSERT_TRUE(CurlClient().send(request, {}));
  EXPECT_THAT(request_text, StartsWith("DELETE /api/delete HTTP/1.1\r\n"));
  EXPECT_THAT(request_text, Not(HasSubstr("Content-Type")));
}

TEST(CurlClient, AsksForTheHeadAlone) {
  RawServer server([](RawPeer& peer) {
    EXPECT_THAT(peer.read_request().value_or(""), StartsWith("HEAD /"));
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 123456789\r\n\r\n");
  });
  Request request = get(server.url("/"));
  request.method = "HEAD";
  const auto head = CurlClient().send(request, {});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->content_length(), 123456789);
}

TEST(CurlClient, PassesOverInterimAnswers) {
  RawServer server([](RawPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    peer.answer(200, "real");
  });
  Collected collected;
  const auto head = CurlClient().send(get(server.url("/")), collected.receiver());
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("link"), "");
  EXPECT_EQ(collected.heads, 1);
}

TEST(CurlClient, TalksOverAUnixSocket) {
  const support::TempDir folder;
  const std::string path = (folder.path() / "socket").string();
  std::string request_text;
  RawServer server(
      [&](RawPeer& peer) {
        request_text = peer.read_request().value_or("");
        peer.answer(200, "near");
      },
      path);
  const Variable proxy("http_proxy", "http://127.0.0.1:1");
  Request request = get("http://localhost/api/ps");
  request.unix_socket = path;
  Collected collected;
  const auto head = CurlClient().send(request, collected.receiver());
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(collected.body, "near");
  EXPECT_THAT(request_text, StartsWith("GET /api/ps HTTP/1.1\r\n"));
}

TEST(CurlClient, GoesThroughTheProxyOfTheEnvironment) {
  std::string request_text;
  RawServer proxy([&](RawPeer& peer) {
    request_text = peer.read_request().value_or("");
    peer.answer(200, "through");
  });
  const Variable variable("http_proxy", proxy.url(""));
  Collected collected;
  ASSERT_TRUE(CurlClient().send(get("http://hub.example/x"), collected.receiver()));
  EXPECT_THAT(request_text, StartsWith("GET http://hub.example/x HTTP/1.1\r\n"));
  EXPECT_EQ(collected.body, "through");
}

TEST(CurlClient, AsksTheProxyForATunnelToHttps) {
  std::string request_text;
  RawServer proxy([&](RawPeer& peer) {
    request_text = peer.read_request().value_or("");
    peer.answer(403, "");
  });
  const Variable variable("HTTPS_PROXY", proxy.url(""));
  EXPECT_FALSE(CurlClient().send(get("https://hub.example/x"), {}));
  EXPECT_THAT(request_text, StartsWith("CONNECT hub.example:443 HTTP/1.1\r\n"));
}

TEST(CurlClient, LeavesTheProxyOutForThisMachineAndExceptions) {
  RawServer server([](RawPeer& peer) {
    peer.read_request();
    peer.answer(200, "direct");
  });
  const Variable proxy("http_proxy", "http://127.0.0.1:1");
  EXPECT_TRUE(CurlClient().send(get(server.url("/")), {}));

  const Variable except("no_proxy", "hub.invalid");
  const auto unreachable = CurlClient().send(get("http://hub.invalid/"), {});
  ASSERT_FALSE(unreachable);
  EXPECT_EQ(unreachable.error().reason, "dns") << "asked the proxy";
}

support::HttpServer tls_server(const support::TlsIdentity& identity) {
  http::ServerOptions options;
  options.tls_certificate = identity.certificate();
  options.tls_key = identity.key();
  return support::HttpServer({{"GET", "/", support::echo}}, options);
}

TEST(CurlClient, RefusesACertificateThatNobodyVouchesFor) {
  const support::TlsIdentity identity;
  support::HttpServer server = tls_server(identity);
  const auto head =
      CurlClient().send(get("https://localhost:" + std::to_string(server.port()) + "/"), {});
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, base::ErrorCode::Io);
  EXPECT_EQ(head.error().reason, "tls");
  EXPECT_THAT(head.error().message, HasSubstr("SSL_CERT_FILE"));
}

TEST(CurlClient, TrustsTheCertificatesOfItsOptions) {
  const support::TlsIdentity identity;
  support::HttpServer server = tls_server(identity);
  CurlClient client({.ca_file = identity.certificate()});
  const auto head =
      client.send(get("https://localhost:" + std::to_string(server.port()) + "/"), {});
  ASSERT_TRUE(head) << head.error().message << head.error().details;
  EXPECT_EQ(head->status, 200);
}

TEST(CurlClient, ServesSeveralThreadsAtOnce) {
  std::latch all_are_there(3);
  RawServer server([&](RawPeer& peer) {
    peer.read_request();
    all_are_there.arrive_and_wait();
    peer.answer(200, "together");
  });
  CurlClient client;
  std::vector<std::future<bool>> sent;
  for (int i = 0; i < 3; ++i) {
    sent.push_back(std::async(std::launch::async,
                              [&] { return client.send(get(server.url("/")), {}).has_value(); }));
  }
  for (auto& one : sent) EXPECT_TRUE(one.get());
}

}  // namespace
}  // namespace shimmy::transfer
