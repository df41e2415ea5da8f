#include <gmock/gmock.h>

#include "support/http_server.h"
#include "transfer/transfer_fixture.h"

namespace shimmy::transfer {
namespace {

using support::RawPeer;
using support::RawServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Sends each request of its connections to `location`.
RawServer::Serve to(const std::string& location) {
  return [location](RawPeer& peer) {
    while (peer.read_request()) {
      peer.answer(302, "moved", "Location: " + location + "\r\nX-Linked-Size: 7\r\n");
    }
  };
}

TEST(CurlClientRedirect, FollowsAndTellsHowItCameThere) {
  RawServer last([](RawPeer& peer) {
    peer.read_request();
    peer.answer(200, "found");
  });
  RawServer first(to(last.url("/there?signed=1")));
  Collected collected;
  const auto head = CurlClient().send(get(first.url("/here")), collected.receiver());
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->url, last.url("/there?signed=1"));
  EXPECT_EQ(collected.body, "found");
  EXPECT_EQ(collected.heads, 1);
  ASSERT_EQ(collected.head.redirects.size(), 1);
  EXPECT_EQ(collected.head.redirects[0].header("x-linked-size"), "7");
  ASSERT_EQ(head->redirects.size(), 1);
  EXPECT_EQ(head->redirects[0].url, first.url("/here"));
}

TEST(CurlClientRedirect, LeavesTheTokenBehindOnAnotherPort) {
  std::string request_text;
  RawServer elsewhere([&](RawPeer& peer) {
    request_text = peer.read_request().value_or("");
    peer.answer(200, "found");
  });
  RawServer first(to(elsewhere.url("/blob")));
  Request request = get(first.url("/here"));
  request.headers = {{"authorization", "Bearer hf_secret"}, {"Range", "bytes=5-"}};
  ASSERT_TRUE(CurlClient().send(request, {}));
  EXPECT_THAT(request_text, Not(HasSubstr("hf_secret")));
  EXPECT_THAT(request_text, HasSubstr("Range: bytes=5-"));
}

TEST(CurlClientRedirect, KeepsTheTokenOnTheSameOrigin) {
  std::vector<std::string> requests;
  RawServer server([&](RawPeer& peer) {
    requests.push_back(peer.read_request().value_or(""));
    if (requests.size() == 1) peer.answer(307, "", "Location: /new/place\r\n");
    else peer.answer(200, "found");
  });
  Request request = get(server.url("/old/place"));
  request.headers = {{"Authorization", "Bearer hf_secret"}};
  ASSERT_TRUE(CurlClient().send(request, {}));
  EXPECT_THAT(requests, ElementsAre(HasSubstr("GET /old/place"), HasSubstr("GET /new/place")));
  EXPECT_THAT(requests[1], HasSubstr("hf_secret"));
}

TEST(CurlClientRedirect, EndsALoop) {
  RawServer server(to("/again"));
  const auto head = CurlClient().send(get(server.url("/")), {});
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().reason, "redirect");
}

TEST(CurlClientRedirect, LeadsToNoOtherProtocol) {
  for (const std::string location : {"file:///etc/passwd", "gopher://host/", "ftp://host/x"}) {
    RawServer server(to(location));
    const auto head = CurlClient().send(get(server.url("/")), {});
    ASSERT_FALSE(head) << location;
    EXPECT_EQ(head.error().reason, "redirect") << location;
  }
}

TEST(CurlClientRedirect, IsAnAnswerWhereNoneIsAllowed) {
  RawServer server(to("/elsewhere"));
  Request request = get(server.url("/"));
  request.max_redirects = 0;
  Collected collected;
  const auto head = CurlClient().send(request, collected.receiver());
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->status, 302);
  EXPECT_EQ(collected.body, "moved");
}

TEST(CurlClientRedirect, WithoutALocationIsAnAnswer) {
  RawServer server([](RawPeer& peer) {
    peer.read_request();
    peer.answer(302, "nowhere");
  });
  const auto head = CurlClient().send(get(server.url("/")), {});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 302);
}

TEST(CurlClientRedirect, DoesNotWaitForTheBodyOfTheRedirect) {
  RawServer last([](RawPeer& peer) {
    peer.read_request();
    peer.answer(200, "found");
  });
  RawServer first([&](RawPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 302 Found\r\nLocation: " + last.url("/") +
              "\r\nContent-Length: 1000\r\n\r\nhalf");
    peer.wait_until_gone();
  });
  Collected collected;
  ASSERT_TRUE(CurlClient().send(get(first.url("/")), collected.receiver()));
  EXPECT_EQ(collected.body, "found");
}

}  // namespace
}  // namespace shimmy::transfer
