#include "cli/access_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/App.hpp>

#include "support/temp_dir.h"

namespace shimmy::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

base::Result<app::AccessOptions> parse(std::vector<std::string> arguments) {
  CLI::App app;
  AccessFlags flags;
  flags.add_to(app);
  std::ranges::reverse(arguments);  // CLI11 takes them from the back
  app.parse(std::move(arguments));
  return flags.options();
}

TEST(AccessFlags, AreOffUnlessGiven) {
  const auto options = parse({}).value();
  EXPECT_TRUE(options.api_keys.empty());
  EXPECT_TRUE(options.allowed_hosts.empty());
  EXPECT_TRUE(options.allowed_origins.empty());
  EXPECT_EQ(options.requests_per_minute, 0);
  EXPECT_EQ(options.tokens_per_minute, 0);
}

TEST(AccessFlags, MayBeRepeatedOrListed) {
  const auto options = parse({"--api-key", "a", "--api-key", "b,c", "--allowed-host", "llm.lan",
                              "--allowed-origin", "https://app.example", "--rate-limit-requests",
                              "60", "--rate-limit-tokens", "9000000000"})
                           .value();
  EXPECT_THAT(options.api_keys, ElementsAre("a", "b", "c"));
  EXPECT_THAT(options.allowed_hosts, ElementsAre("llm.lan"));
  EXPECT_THAT(options.allowed_origins, ElementsAre("https://app.example"));
  EXPECT_EQ(options.requests_per_minute, 60);
  EXPECT_EQ(options.tokens_per_minute, 9'000'000'000);
}

TEST(AccessFlags, ReadKeysFromAFile) {
  const support::TempDir directory;
  const auto file = directory.write("keys", "# ours\nfirst\n\n  second  \r\n");
  EXPECT_THAT(parse({"--api-key", "zero", "--api-key-file", file}).value().api_keys,
              ElementsAre("zero", "first", "second"));
}

TEST(AccessFlags, RefuseAFileThatProtectsNothing) {
  const support::TempDir directory;
  const auto empty = parse({"--api-key-file", directory.write("keys", "# none\n")});
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().message, HasSubstr("has no API key"));
  for (const auto& path : {directory.path() / "missing", directory.path()}) {
    const auto refused = parse({"--api-key-file", path});
    ASSERT_FALSE(refused) << path;
    EXPECT_THAT(refused.error().message, HasSubstr("cannot be read"));
  }
  const auto huge = directory.write("huge", std::string(2 << 20, 'x'));
  EXPECT_THAT(parse({"--api-key-file", huge}).error().message, HasSubstr("the right one"));
}

TEST(AccessFlags, RefuseANegativeLimit) {
  EXPECT_THAT(parse({"--rate-limit-tokens", "-1"}).error().message,
              HasSubstr("--rate-limit-tokens must be 0"));
}

}  // namespace
}  // namespace shimmy::cli
