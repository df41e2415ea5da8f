#include "transfer/url.h"

#include <gmock/gmock.h>

namespace shimmy::transfer {
namespace {

using testing::HasSubstr;

std::string resolved(std::string_view base, std::string_view reference) {
  const auto from = parse_url(base);
  EXPECT_TRUE(from);
  const auto to = resolve(*from, reference);
  return to ? to->text() : "refused";
}

TEST(Url, IsTakenApart) {
  const auto url = parse_url("HTTPS://User:pw@Hub.Example:8443/a/b%20c?x=1&y#part");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->user_info, "User:pw");
  EXPECT_EQ(url->host, "hub.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/a/b%20c");
  EXPECT_EQ(url->query, "?x=1&y");
  EXPECT_EQ(url->origin(), "https://hub.example:8443");
  EXPECT_EQ(url->text(), "https://User:pw@hub.example:8443/a/b%20c?x=1&y");
}

TEST(Url, KnowsTheUsualPorts) {
  EXPECT_EQ(parse_url("http://h")->port, 80);
  EXPECT_EQ(parse_url("https://h:443")->text(), "https://h/");
  EXPECT_EQ(parse_url("http://h?q")->text(), "http://h/?q");
  EXPECT_EQ(parse_url("http://[::1]:8080/x")->origin(), "http://[::1]:8080");
  EXPECT_EQ(parse_url("http://[::1]/x")->port, 80);
}

TEST(Url, RefusesWhatIsDoubtful) {
  for (const std::string_view text :
       {"", "hub.co/x", "file:///etc/passwd", "ftp://h/x", "http://", "http:///x", "http://h:0/",
        "http://h:65536/", "http://h:/", "http://h:8x/", "http://a b/", "http://h/a b",
        "http://h\\@evil/", "http://h/\r\nX: y", "http://[::1/", "http://h%00/", "http://a@b@c/",
        "javascript://h/", "http://h\x7f/"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, base::ErrorCode::InvalidRequest);
  }
}

TEST(Url, ResolvesReferences) {
  constexpr std::string_view base = "http://h/a/b?q";
  EXPECT_EQ(resolved(base, "https://x/y"), "https://x/y");
  EXPECT_EQ(resolved(base, "//x/y"), "http://x/y");
  EXPECT_EQ(resolved(base, "/y"), "http://h/y");
  EXPECT_EQ(resolved(base, "y"), "http://h/a/y");
  EXPECT_EQ(resolved(base, "../y"), "http://h/y");
  EXPECT_EQ(resolved(base, "../../../y"), "http://h/y");
  EXPECT_EQ(resolved(base, "./"), "http://h/a/");
  EXPECT_EQ(resolved(base, "?z"), "http://h/a/b?z");
  EXPECT_EQ(resolved(base, ""), "http://h/a/b?q");
  EXPECT_EQ(resolved(base, "#part"), "http://h/a/b?q");
  EXPECT_EQ(resolved(base, "y?to=http://z/#p"), "http://h/a/y?to=http://z/");
  EXPECT_EQ(resolved("http://u:p@h/a", "/y"), "http://h/y");
  EXPECT_EQ(resolved(base, "mailto:x"), "refused");
  EXPECT_EQ(resolved(base, "/a b"), "refused");
}

TEST(Url, IsShownWithoutSecrets) {
  EXPECT_EQ(shown_url("https://me:pw@h/a?sig=1#x"), "https://h/a");
  EXPECT_EQ(shown_url("https://h/a@b"), "https://h/a@b");
  EXPECT_EQ(shown_url("nonsense"), "nonsense");
  EXPECT_THAT(parse_url("ftp://me:pw@h/a?sig=1").error().message, HasSubstr("\"ftp://h/a\""));
}

TEST(Url, EncodesWhatAPathCannotHold) {
  EXPECT_EQ(percent_encoded("a b/ü?#%"), "a%20b%2F%C3%BC%3F%23%25");
  EXPECT_EQ(percent_encoded("a/b c", "/"), "a/b%20c");
}

TEST(Url, KnowsThisMachine) {
  for (const std::string_view host :
       {"localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const std::string_view host :
       {"127.evil.com", "localhost.evil.com", "10.0.0.1", "[::2]", ""}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace shimmy::transfer
