#include "http/target.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace shimmy::http {
namespace {

using namespace std::string_literals;

struct Case {
  std::string_view target;
  std::string path;
  std::string query;
};

TEST(Target, SplitsDecodesAndNormalises) {
  const std::vector<Case> cases = {
      {"/", "/", ""},
      {"/v1/models", "/v1/models", ""},
      {"/v1/models/", "/v1/models", ""},
      {"//v1///models//", "/v1/models", ""},
      {"///", "/", ""},
      {"/a?b=c", "/a", "b=c"},
      {"/a/?b=%20&c=/x//y/", "/a", "b=%20&c=/x//y/"},
      {"/a?b?c", "/a", "b?c"},
      {"/a?", "/a", ""},
      {"/v1/models/org%2Fname", "/v1/models/org/name", ""},
      {"/a%2f%2Fb%2F", "/a/b", ""},
      {"/%3Fx?y", "/?x", "y"},
      {"/%2541", "/%41", ""},  // decoded once only
      {"/caf%C3%A9", "/caf\xc3\xa9", ""},
      {"/a+b", "/a+b", ""},
      {"/../etc", "/../etc", ""},  // nothing here is a file
      {"*", "*", ""},
      {"http://host:80/a/b?c", "/a/b", "c"},
      {"HTTP://host", "/", ""},
      {"https://host?x=1", "/", "x=1"},
  };
  for (const Case& expected : cases) {
    const auto target = parse_target(expected.target);
    ASSERT_TRUE(target) << expected.target;
    EXPECT_EQ(target->path, expected.path) << expected.target;
    EXPECT_EQ(target->query, expected.query) << expected.target;
  }
}

TEST(Target, RefusesWhatHasNoMeaning) {
  for (const std::string_view target :
       {"", "v1/models", "?a", "/%", "/%1", "/%zz", "/%0", "/a%00b", "/%-1", "/% 1", "/%0x",
        "ftp://h/", "**", "example.com:80", "/a%"}) {
    const auto parsed = parse_target(target);
    ASSERT_FALSE(parsed) << target;
    EXPECT_EQ(parsed.error().code, base::ErrorCode::InvalidRequest);
    EXPECT_TRUE(parsed.error().message.ends_with('.'));
  }
}

TEST(Target, LeavesBadEscapesInTheQueryToItsReader) {
  const auto target = parse_target("/a?b=%zz");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->query, "b=%zz");
}

}  // namespace
}  // namespace shimmy::http
