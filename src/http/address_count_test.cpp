#include "http/address_count.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace shimmy::http {
namespace {

TEST(AddressCount, AllowsEachAddressItsConnections) {
  AddressCount count(2, 0);
  const auto first = count.enter("192.0.2.1");
  auto second = count.enter("192.0.2.1");
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(count.enter("192.0.2.1"));
  EXPECT_TRUE(count.enter("192.0.2.2"));
  second.reset();
  EXPECT_TRUE(count.enter("192.0.2.1"));
}

TEST(AddressCount, ATokenEndsWithItsLastCopy) {
  AddressCount count(1, 0);
  auto token = count.enter("192.0.2.1");
  auto copy = token;
  token.reset();
  EXPECT_FALSE(count.enter("192.0.2.1"));
  copy.reset();
  EXPECT_TRUE(count.enter("192.0.2.1"));
}

TEST(AddressCount, CountsThisMachineApart) {
  for (const std::string address : {"127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1", ""}) {
    AddressCount free(1, 0);
    std::vector<AddressCount::Token> tokens(10);
    for (auto& token : tokens) token = free.enter(address);
    EXPECT_TRUE(tokens.back()) << address;
    AddressCount strict(0, 1);
    const auto token = strict.enter(address);
    EXPECT_TRUE(token) << address;
    EXPECT_FALSE(strict.enter(address)) << address;
  }
}

TEST(AddressCount, MayHaveNoLimit) {
  AddressCount count(0, 1);
  std::vector<AddressCount::Token> tokens(100);
  for (auto& token : tokens) token = count.enter("192.0.2.1");
  EXPECT_TRUE(tokens.back());
}

TEST(AddressCount, TokensMayOutliveIt) {
  std::optional<AddressCount> count(std::in_place, 1, 0);
  const auto token = count->enter("192.0.2.1");
  count.reset();
  EXPECT_TRUE(token);
}

}  // namespace
}  // namespace shimmy::http
