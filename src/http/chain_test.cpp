#include "http/chain.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/fake_clock.h"

namespace shimmy::http {
namespace {

int ask(const std::vector<Middleware>& chain, std::vector<Header> headers,
        const std::string& method = "POST") {
  Request request;
  request.method = method;
  request.path = "/v1/x";
  request.headers = std::move(headers);
  const Verdict verdict = ask_all(chain, request);
  if (verdict.problem) return verdict.problem->status;
  return verdict.answer ? verdict.answer->status : 0;
}

const Header kForeignHost{"Host", "evil.example"};
const Header kForeignOrigin{"Origin", "https://evil.example"};
const Header kLocal{"Host", "localhost"};

TEST(Chain, GuardsNamesOnlyWhereOnlyThisMachineCanBeMeant) {
  EXPECT_EQ(ask(chain_of({}, nullptr, true), {kForeignHost}), 403);
  EXPECT_EQ(ask(chain_of({}, nullptr, false), {kForeignHost}), 0);
  EXPECT_EQ(ask(chain_of({.allowed_hosts = {"ours.example"}}, nullptr, false), {kForeignHost}),
            403);
}

TEST(Chain, TakesTheMachinesNameForOurs) {
  EXPECT_EQ(ask(chain_of({.machine_name = "box"}, nullptr, true), {{"Host", "box:1"}}), 0);
}

TEST(Chain, AsksForTheHostBeforeTheKey) {
  const auto chain = chain_of({.api_keys = {"k"}}, nullptr, true);
  EXPECT_EQ(ask(chain, {kForeignHost}), 403);
  EXPECT_EQ(ask(chain, {kLocal, kForeignOrigin}), 403);
  EXPECT_EQ(ask(chain, {kLocal}), 401);
  EXPECT_EQ(ask(chain, {kLocal, {"x-api-key", "k"}}), 0);
}

TEST(Chain, Http10_AnswersPreflightsWithoutAKey) {
  const auto chain = chain_of({.api_keys = {"k"}}, nullptr, true);
  EXPECT_EQ(ask(chain, {kLocal, {"Origin", "http://localhost:3000"}}, "OPTIONS"), 204);
  EXPECT_EQ(ask(chain, {kLocal, kForeignOrigin}, "OPTIONS"), 204);
}

TEST(Chain, DoesNotCountWhoHasNoKey) {
  const support::FakeClock clock;
  const auto rates = std::make_shared<RateLimits>(RateRules{.requests_per_minute = 1}, clock);
  const auto chain = chain_of({.api_keys = {"k"}}, rates, true);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(chain, {kLocal}), 401);
  EXPECT_EQ(ask(chain, {kLocal, {"x-api-key", "k"}}), 0);
  EXPECT_EQ(ask(chain, {kLocal, {"x-api-key", "k"}}), 429);
}

}  // namespace
}  // namespace shimmy::http
