#include "http/rate_limits.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_clock.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RateLimitsTest : public testing::Test {
 protected:
  void use(RateRules rules) { limits_ = std::make_unique<RateLimits>(std::move(rules), clock_); }

  // 200, or the status of the refusal.
  int ask(const std::string& client = "a") {
    Request request;
    request.client = client;
    const Verdict verdict = limits_->check(request);
    headers_.clear();
    for (const Header& header : verdict.headers) headers_[header.name] = header.value;
    retry_after_ = verdict.problem ? verdict.problem->headers.at(0).value : "";
    return verdict.problem ? verdict.problem->status : 200;
  }

  support::FakeClock clock_;
  std::unique_ptr<RateLimits> limits_;
  std::map<std::string, std::string> headers_;  // of the last answer
  std::string retry_after_;
};

TEST_F(RateLimitsTest, AllowsAMinutesWorthAtOnceAndThenAsManyAsTimeBrings) {
  use({.requests_per_minute = 3});
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(ask(), 429);
  clock_.advance(seconds(19));
  EXPECT_EQ(ask(), 429);
  clock_.advance(seconds(2));
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(ask(), 429);
  clock_.advance(std::chrono::hours(5));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(), 200);
  EXPECT_EQ(ask(), 429);
}

TEST_F(RateLimitsTest, Http13_TellsHowTheClientStands) {
  use({.requests_per_minute = 60});
  ask();
  ask();
  EXPECT_EQ(headers_, (std::map<std::string, std::string>{{"x-ratelimit-limit-requests", "60"},
                                                          {"x-ratelimit-remaining-requests", "58"},
                                                          {"x-ratelimit-reset-requests", "2s"}}));
  clock_.advance(milliseconds(500));
  ask();
  EXPECT_EQ(headers_["x-ratelimit-remaining-requests"], "57");
  EXPECT_EQ(headers_["x-ratelimit-reset-requests"], "2.5s");
}

TEST_F(RateLimitsTest, Http14_TellsWhenToComeBack) {
  use({.requests_per_minute = 2});
  ask();
  ask();
  EXPECT_EQ(ask(), 429);
  EXPECT_EQ(retry_after_, "30");
  EXPECT_EQ(headers_["x-ratelimit-remaining-requests"], "0");
  clock_.advance(milliseconds(29'900));
  EXPECT_EQ(ask(), 429);
  EXPECT_EQ(retry_after_, "1");
  clock_.advance(seconds(1));
  EXPECT_EQ(ask(), 200);
}

TEST_F(RateLimitsTest, ARefusedRequestIsNotCounted) {
  use({.requests_per_minute = 1});
  ask();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ask(), 429);
  clock_.advance(seconds(61));
  EXPECT_EQ(ask(), 200);
}

TEST_F(RateLimitsTest, EachClientHasItsOwnShare) {
  use({.requests_per_minute = 1});
  EXPECT_EQ(ask("a"), 200);
  EXPECT_EQ(ask("b"), 200);
  EXPECT_EQ(ask("a"), 429);
}

TEST_F(RateLimitsTest, CountsUnitsOnceTheyAreKnown) {
  use({.units_per_minute = 600, .units_name = "tokens"});
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(headers_["x-ratelimit-remaining-tokens"], "600");
  limits_->charge("a", 500);
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(headers_["x-ratelimit-remaining-tokens"], "100");
  EXPECT_EQ(headers_["x-ratelimit-reset-tokens"], "50s");
  EXPECT_FALSE(headers_.contains("x-ratelimit-limit-requests"));
  limits_->charge("a", 400);  // more than there is
  EXPECT_EQ(ask(), 429);
  EXPECT_EQ(headers_["x-ratelimit-remaining-tokens"], "0");
  EXPECT_EQ(retry_after_, "31");  // 301 units at 10 a second
  clock_.advance(seconds(31));
  EXPECT_EQ(ask(), 200);
}

TEST_F(RateLimitsTest, TakesNoChargeThatIsNone) {
  use({.units_per_minute = 10});
  limits_->charge("a", -1000);
  limits_->charge("a", 0);
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(headers_["x-ratelimit-remaining-units"], "10");
  use({.requests_per_minute = 10});
  limits_->charge("a", 1000);
  EXPECT_EQ(ask(), 200);
}

TEST_F(RateLimitsTest, HoldsBothLimits) {
  use({.requests_per_minute = 2, .units_per_minute = 100});
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(headers_.size(), 6U);
  limits_->charge("a", 100);
  EXPECT_EQ(ask(), 429);
  clock_.advance(seconds(60));
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(ask(), 200);
  EXPECT_EQ(ask(), 429);
}

TEST_F(RateLimitsTest, ForgetsWhoWasNotSeenForLongest) {
  use({.requests_per_minute = 1, .clients = 2});
  ask("a");
  ask("b");
  EXPECT_EQ(ask("a"), 429);  // seen again
  ask("c");                  // takes the place of b
  EXPECT_EQ(ask("a"), 429);
  EXPECT_EQ(ask("b"), 200);
  EXPECT_EQ(ask("c"), 200);  // whose place b took, as a had been seen later
}

TEST_F(RateLimitsTest, CountsExactlyUnderConcurrency) {
  use({.requests_per_minute = 1000});
  std::atomic<int> passed = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 500; ++n) {
          Request request;
          request.client = "a";
          if (!limits_->check(request).problem) ++passed;
        }
      });
    }
  }
  EXPECT_EQ(passed, 1000);
}

TEST_F(RateLimitsTest, DoesNotCountProbes) {
  const auto limits = std::make_shared<RateLimits>(RateRules{.requests_per_minute = 1}, clock_);
  const Middleware step = rate_limits(limits, {"/health"});
  Request probe;
  probe.method = "GET";
  probe.path = "/health";
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(step(probe).problem);
    EXPECT_TRUE(step(probe).headers.empty());
  }
  Request other;
  other.method = "POST";
  EXPECT_FALSE(step(other).problem);
  EXPECT_TRUE(step(other).problem);
}

}  // namespace
}  // namespace shimmy::http
