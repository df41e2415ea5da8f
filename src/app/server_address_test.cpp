#include "app/server_address.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace shimmy::app {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

ServerAddress address(std::string_view given, const Variables& variables = {}) {
  return server_address(given,
                        [&](std::string_view name) -> std::optional<std::string> {
                          const auto found = variables.find(name);
                          if (found == variables.end()) return std::nullopt;
                          return found->second;
                        })
      .value();
}

TEST(ServerAddress, IsTheDefaultUnlessNamed) {
  EXPECT_EQ(address("").url, "http://127.0.0.1:11435");
  EXPECT_FALSE(address("").was_named);
  EXPECT_TRUE(address("127.0.0.1:1").was_named);
}

TEST(ServerAddress, FollowsTheEnvironment) {
  EXPECT_EQ(address("", {{"SHIMMY_HOST", "box:8080"}}).url, "http://box:8080");
  EXPECT_TRUE(address("", {{"SHIMMY_HOST", "box:8080"}}).was_named);
  EXPECT_EQ(address("", {{"SHIMMY_BIND", "0.0.0.0:90"}}).url, "http://127.0.0.1:90");
  EXPECT_FALSE(address("", {{"SHIMMY_BIND", "0.0.0.0:90"}}).was_named);
  EXPECT_EQ(address("a:1", {{"SHIMMY_HOST", "b:2"}}).url, "http://a:1");
}

TEST(ServerAddress, TakesUrls) {
  EXPECT_EQ(address("https://llm.lan").url, "https://llm.lan");
  EXPECT_EQ(address("http://llm.lan:8080/").url, "http://llm.lan:8080");
  EXPECT_EQ(address("https://llm.lan/shimmy/").url, "https://llm.lan/shimmy");
  EXPECT_EQ(address("http://llm.lan:8080/v1").url, "http://llm.lan:8080");
}

TEST(ServerAddress, TakesUnixSockets) {
  const ServerAddress socket = address("unix:/run/shimmy.sock");
  EXPECT_EQ(socket.unix_path, "/run/shimmy.sock");
  EXPECT_EQ(socket.shown, "unix:/run/shimmy.sock");
  EXPECT_EQ(socket.url, "http://localhost");
}

TEST(ServerAddress, RefusesNonsense) {
  for (const char* text : {"http://", "a:b", "http://a:99999", "a b"}) {
    EXPECT_FALSE(server_address(text, [](std::string_view) { return std::nullopt; })) << text;
  }
}

}  // namespace
}  // namespace shimmy::app
