#include "http/message.h"

#include <gtest/gtest.h>

namespace shimmy::http {
namespace {

TEST(Request, FindsHeadersWhateverTheirCase) {
  Request request;
  request.headers = {{"Host", "a"}, {"X-Api-Key", "k"}, {"x-api-key", "second"}};
  EXPECT_EQ(request.header("host"), "a");
  EXPECT_EQ(request.header("X-API-KEY"), "k");
  EXPECT_EQ(request.header("x-api"), "");
}

}  // namespace
}  // namespace shimmy::http
