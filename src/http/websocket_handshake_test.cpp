#include "http/websocket_handshake.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace shimmy::http {
namespace {

// As in the example of RFC 6455 1.3.
Request good() {
  Request request;
  request.method = "GET";
  request.path = "/chat";
  request.headers = {{"Host", "localhost"},
                     {"Upgrade", "websocket"},
                     {"Connection", "Upgrade"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                     {"Sec-WebSocket-Version", "13"}};
  return request;
}

Request with(const std::string& name, const std::string& value) {
  Request request = good();
  std::erase_if(request.headers, [&](const Header& header) { return header.name == name; });
  if (!value.empty()) request.headers.push_back({name, value});
  return request;
}

int status_of(const Request& request) {
  const auto accept = accept_upgrade(request, false);
  return accept ? 101 : accept.error().status;
}

TEST(WebSocketHandshake, ComputesTheAcceptKey) {
  EXPECT_EQ(accept_upgrade(good(), false).value_or(""), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, TakesTheWordsInAnyCaseAndAmongOthers) {
  EXPECT_EQ(status_of(with("Upgrade", "WebSocket")), 101);
  EXPECT_EQ(status_of(with("Upgrade", "h2c, websocket")), 101);
  EXPECT_EQ(status_of(with("Connection", "keep-alive, upgrade")), 101);
  Request twice = with("Connection", "keep-alive");
  twice.headers.push_back({"connection", " Upgrade "});
  EXPECT_EQ(status_of(twice), 101);
}

TEST(WebSocketHandshake, PassesOverSubprotocolsAndExtensions) {
  Request request = good();
  request.headers.push_back({"Sec-WebSocket-Protocol", "chat, superchat"});
  request.headers.push_back({"Sec-WebSocket-Extensions", "permessage-deflate"});
  EXPECT_EQ(status_of(request), 101);
}

TEST(WebSocketHandshake, AsksPlainRequestsToUpgrade) {
  for (const Request& request : {with("Upgrade", ""), with("Upgrade", "h2c")}) {
    const auto accept = accept_upgrade(request, false);
    ASSERT_FALSE(accept);
    EXPECT_EQ(accept.error().status, 426);
    EXPECT_EQ(accept.error().headers.at(0).name, "Upgrade");
    EXPECT_EQ(accept.error().headers.at(0).value, "websocket");
  }
  const auto old = accept_upgrade(good(), true);
  EXPECT_EQ(old ? 101 : old.error().status, 426);
}

TEST(WebSocketHandshake, NamesTheVersionThatItSpeaks) {
  for (const char* version : {"", "8", "12", "13, 8", "x"}) {
    const auto accept = accept_upgrade(with("Sec-WebSocket-Version", version), false);
    ASSERT_FALSE(accept) << version;
    EXPECT_EQ(accept.error().status, 426);
    EXPECT_EQ(accept.error().headers.back().name, "Sec-WebSocket-Version");
    EXPECT_EQ(accept.error().headers.back().value, "13");
  }
}

TEST(WebSocketHandshake, RefusesBadKeys) {
  for (const char* key : {"", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ==x",
                          "!!!!!!!!!!!!!!!!!!!!!!==", "dGhlIHNhbXBsZSBub25jZXh4"}) {
    EXPECT_EQ(status_of(with("Sec-WebSocket-Key", key)), 400) << key;
  }
}

TEST(WebSocketHandshake, NeedsConnectionUpgrade) {
  EXPECT_EQ(status_of(with("Connection", "")), 400);
  EXPECT_EQ(status_of(with("Connection", "keep-alive")), 400);
  EXPECT_EQ(status_of(with("Connection", "upgrades")), 400);
}

}  // namespace
}  // namespace shimmy::http
