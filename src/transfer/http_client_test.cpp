#include "transfer/http_client.h"

#include <gtest/gtest.h>

#include "support/fake_http_client.h"

namespace shimmy::transfer {
namespace {

TEST(ResponseHead, FindsHeadersInAnyCase) {
  const ResponseHead head{200, {{"ETag", "a"}, {"etag", "b"}}, {}};
  EXPECT_EQ(head.header("ETAG"), "a");
  EXPECT_EQ(head.header("etags"), "");
}

TEST(ResponseHead, ReadsItsLengthStrictly) {
  const auto length = [](std::string text) {
    return ResponseHead{200, {{"Content-Length", std::move(text)}}, {}}.content_length();
  };
  EXPECT_EQ(length("0"), 0);
  EXPECT_EQ(length("9000000000"), 9'000'000'000);
  for (const char* text : {"", "-1", "1x", " 1", "99999999999999999999"}) {
    EXPECT_EQ(length(text), std::nullopt) << text;
  }
  EXPECT_EQ(ResponseHead{}.content_length(), std::nullopt);
}

Request get(std::string url) {
  Request request;
  request.url = std::move(url);
  return request;
}

TEST(Ask, GivesTheWholeAnswer) {
  support::FakeHttpClient client;
  client.answer("GET http://h/x", {.status = 201, .body = "four"});
  const auto answer = ask(client, get("http://h/x"), 4);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->head.status, 201);
  EXPECT_EQ(answer->body, "four");
}

TEST(Ask, RefusesAnAnswerThatIsTooLarge) {
  support::FakeHttpClient client;
  client.answer("GET http://h/x", {.body = "five!"});
  const auto answer = ask(client, get("http://h/x"), 4);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::ErrorCode::Io);
}

TEST(Ask, FailsAsItsClientDoes) {
  support::FakeHttpClient client;
  EXPECT_EQ(ask(client, get("http://h/x"), 4).error().reason, "connect");
}

}  // namespace
}  // namespace shimmy::transfer
