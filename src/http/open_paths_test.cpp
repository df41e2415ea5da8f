#include "http/open_paths.h"

#include <gtest/gtest.h>

#include <string>

namespace shimmy::http {
namespace {

bool is_open_to(const std::string& method, const std::string& path) {
  Request request;
  request.method = method;
  request.path = path;
  return is_open({"/", "/health"}, request);
}

TEST(OpenPaths, MayBeReadByEverybody) {
  EXPECT_TRUE(is_open_to("GET", "/"));
  EXPECT_TRUE(is_open_to("HEAD", "/health"));
}

TEST(OpenPaths, AreOpenForNothingElse) {
  EXPECT_FALSE(is_open_to("POST", "/health"));
  EXPECT_FALSE(is_open_to("GET", "/health/x"));
  EXPECT_FALSE(is_open_to("GET", "/v1/models"));
}

TEST(OpenPaths, AnybodyMayAskWhatMayBeAsked) { EXPECT_TRUE(is_open_to("OPTIONS", "/v1/models")); }

}  // namespace
}  // namespace shimmy::http
