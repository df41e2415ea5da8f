#include "http/connection_count.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;

TEST(ConnectionCount, CountsTokensNotTheirCopies) {
  const ConnectionCount::Token outliving = [] {
    ConnectionCount count;
    ConnectionCount::Token first = count.enter();
    ConnectionCount::Token second = count.enter();
    const ConnectionCount::Token copy = first;
    EXPECT_EQ(count.open(), 2U);
    first.reset();
    EXPECT_EQ(count.open(), 2U);
    second.reset();
    EXPECT_EQ(count.open(), 1U);
    return copy;
  }();
  EXPECT_EQ(outliving.use_count(), 1);
}

TEST(ConnectionCount, WaitsForTheLast) {
  ConnectionCount count;
  EXPECT_TRUE(count.wait_for_none(milliseconds(0)));
  ConnectionCount::Token token = count.enter();
  EXPECT_FALSE(count.wait_for_none(milliseconds(1)));
  const std::jthread other([&] { token.reset(); });
  EXPECT_TRUE(count.wait_for_none(milliseconds(5000)));
}

}  // namespace
}  // namespace shimmy::http
