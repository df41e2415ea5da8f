#include "app/server_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "support/fake_http_client.h"

namespace shimmy::app {
namespace {

using base::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;

class ServerClientTest : public testing::Test {
 protected:
  std::string error(int status, std::string body) {
    http_->answer("GET /x", {status, std::move(body)});
    const auto answer = client_.get("/x");
    return answer ? "no error" : answer.error().message;
  }

  const std::shared_ptr<support::FakeHttpClient> http_ =
      std::make_shared<support::FakeHttpClient>();
  ServerClient client_{{"http://box:1", "", "box:1"}, "secret", http_};
};

TEST_F(ServerClientTest, SendsKeyAndBody) {
  http_->answer("POST /x", {200, "done"});
  EXPECT_EQ(client_.post("/x", "{}").value(), "done");
  const transfer::Request sent = http_->requests().at(0);
  EXPECT_EQ(sent.url, "http://box:1/x");
  EXPECT_EQ(sent.body, "{}");
  EXPECT_EQ(transfer::header_value(sent.headers, "authorization"), "Bearer secret");
  EXPECT_EQ(transfer::header_value(sent.headers, "content-type"), "application/json");
  EXPECT_EQ(sent.max_redirects, 0) << "a key goes to nobody else";
}

TEST_F(ServerClientTest, SendsNoKeyWhereThereIsNone) {
  ServerClient client({"http://box:1", "/run/s.sock", "unix:/run/s.sock"}, "", http_);
  http_->answer("GET /x", support::FakeAnswer{});
  EXPECT_TRUE(client.get("/x"));
  EXPECT_EQ(transfer::header_value(http_->requests().at(0).headers, "authorization"), "");
  EXPECT_EQ(http_->requests().at(0).unix_socket, "/run/s.sock");
}

TEST_F(ServerClientTest, SaysHowToStartAServer) {
  const auto answer = client_.get("/nothing");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(answer.error().message, "No server is running at box:1. Start one with: shimmy serve");
}

TEST_F(ServerClientTest, GivesTheServersOwnWords) {
  EXPECT_EQ(error(404, R"({"error":{"message":"No model m."}})"), "No model m.");
  EXPECT_EQ(error(400, R"({"error":"Bad."})"), "Bad.");
  EXPECT_THAT(error(401, R"({"error":{"message":"A key is needed."}})"),
              HasSubstr("needed. Set SHIMMY_API_KEY"));
}

TEST_F(ServerClientTest, SaysWhatAForeignServerAnswered) {
  for (const char* body : {"", "<html>", "[]", R"({"error":1})", R"({"error":{"message":2}})"}) {
    EXPECT_EQ(error(500, body), "The server at box:1 answered with status 500: is it shimmy?");
  }
}

TEST_F(ServerClientTest, TellsKindsOfRefusals) {
  const auto code = [&](int status) {
    http_->answer("GET /x", {status, {}});
    return client_.get("/x").error().code;
  };
  EXPECT_EQ(code(404), ErrorCode::ModelNotFound);
  EXPECT_EQ(code(400), ErrorCode::InvalidRequest);
  EXPECT_EQ(code(503), ErrorCode::Unavailable);
  EXPECT_EQ(code(429), ErrorCode::Overloaded);
  EXPECT_EQ(code(302), ErrorCode::Internal);
}

TEST_F(ServerClientTest, HandsOnEvents) {
  http_->answer("POST /x", {200, "data: 1\n\ndata: 2\n\n"});
  std::vector<std::string> seen;
  EXPECT_TRUE(client_.post_for_events("/x", "{}", [&](std::string_view data) -> base::Result<void> {
    seen.emplace_back(data);
    return {};
  }));
  EXPECT_THAT(seen, ElementsAre("1", "2"));
}

TEST_F(ServerClientTest, EndsTheStreamWhereItsReaderFails) {
  http_->answer("POST /x", {200, "data: 1\n\ndata: 2\n\n"});
  const auto sent = client_.post_for_events(
      "/x", "{}", [](std::string_view) { return base::fail(ErrorCode::Internal, "No."); });
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, "No.");
}

TEST_F(ServerClientTest, TakesNoEventsOutOfARefusal) {
  http_->answer("POST /x", {400, R"({"error":{"message":"data: 1\n\n"}})"});
  const auto sent = client_.post_for_events("/x", "{}", [](std::string_view) -> base::Result<void> {
    ADD_FAILURE() << "no event was sent";
    return {};
  });
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::InvalidRequest);
}

TEST(ModelPath, EncodesTheName) {
  EXPECT_EQ(model_path("org/repo:q4 é", "status"), "/api/models/org%2Frepo%3Aq4%20%C3%A9/status");
}

}  // namespace
}  // namespace shimmy::app
