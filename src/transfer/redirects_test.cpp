#include "transfer/redirects.h"

#include <gmock/gmock.h>

namespace shimmy::transfer {
namespace {

using testing::HasSubstr;
using testing::Not;

ResponseHead moved(int status, const std::string& location) {
  return {status, {{"Location", location}}, {}};
}

Request with_token(const std::string& url) {
  Request request;
  request.url = url;
  request.headers = {{"Authorization", "Bearer t"}, {"Cookie", "c"}, {"Accept", "*/*"}};
  return request;
}

bool keeps_token(const std::string& from, const std::string& to) {
  const auto next = redirected(with_token(from), moved(302, to));
  EXPECT_TRUE(next) << to;
  return next && !header_value(next->headers, "authorization").empty();
}

TEST(Redirects, KeepCredentialsOnTheirOrigin) {
  EXPECT_TRUE(keeps_token("https://hub.co/a", "/b"));
  EXPECT_TRUE(keeps_token("https://hub.co/a", "https://HUB.co:443/b"));
  EXPECT_TRUE(keeps_token("https://hub.co/a", "?page=2"));
}

TEST(Redirects, DropCredentialsAnywhereElse) {
  EXPECT_FALSE(keeps_token("https://hub.co/a", "https://cdn.hub.co/b"));
  EXPECT_FALSE(keeps_token("https://hub.co/a", "//evil.co/b"));
  EXPECT_FALSE(keeps_token("https://hub.co/a", "https://hub.co:8443/b"));
  EXPECT_FALSE(keeps_token("https://hub.co/a", "https://hub.co.evil.co/b"));
  EXPECT_FALSE(keeps_token("https://hub.co/a", "https://hub.co@evil.co/b"));
  EXPECT_FALSE(keeps_token("http://hub.co/a", "https://hub.co/a"));
  const auto next = redirected(with_token("https://hub.co/a"), moved(302, "https://cdn.co/b"));
  ASSERT_TRUE(next);
  ASSERT_EQ(next->headers.size(), 1);
  EXPECT_EQ(next->headers[0].name, "Accept");
}

TEST(Redirects, NeverLeaveEncryption) {
  const auto next = redirected(with_token("https://hub.co/a"), moved(302, "http://hub.co/b?key=k"));
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, base::ErrorCode::Unavailable);
  EXPECT_EQ(next.error().reason, "redirect");
  EXPECT_THAT(next.error().message, HasSubstr("http://hub.co/b is not encrypted"));
  EXPECT_THAT(next.error().message, Not(HasSubstr("key=k")));
}

TEST(Redirects, NeverLeaveASocketForTheNetwork) {
  Request request = with_token("http://localhost/a");
  request.unix_socket = "/run/shimmy.sock";
  EXPECT_TRUE(redirected(request, moved(302, "/b")));
  EXPECT_FALSE(redirected(request, moved(302, "http://host/b")));
}

TEST(Redirects, TurnAPostIntoAGetWhereBrowsersDo) {
  Request request = with_token("https://hub.co/a");
  request.method = "POST";
  request.body = "{}";
  request.headers.push_back({"Content-Type", "application/json"});
  for (const int status : {301, 302, 303}) {
    const auto next = redirected(request, moved(status, "/b"));
    ASSERT_TRUE(next);
    EXPECT_EQ(next->method, "GET");
    EXPECT_EQ(next->body, "");
    EXPECT_EQ(header_value(next->headers, "content-type"), "");
  }
  for (const int status : {307, 308}) {
    const auto next = redirected(request, moved(status, "/b"));
    ASSERT_TRUE(next);
    EXPECT_EQ(next->method, "POST");
    EXPECT_EQ(next->body, "{}");
  }
}

TEST(Redirects, KeepAskingForTheHeadAlone) {
  Request request = with_token("https://hub.co/a");
  request.method = "HEAD";
  const auto next = redirected(request, moved(303, "/b"));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->method, "HEAD");
}

TEST(Redirects, AreTheStatusesWithALocation) {
  for (const int status : {301, 302, 303, 307, 308}) EXPECT_TRUE(is_redirect(moved(status, "/")));
  for (const int status : {200, 300, 304, 404}) EXPECT_FALSE(is_redirect(moved(status, "/")));
  EXPECT_FALSE(is_redirect({302, {}, {}}));
}

}  // namespace
}  // namespace shimmy::transfer
