#include "pull/retries.h"

#include <gtest/gtest.h>

#include <vector>

namespace shimmy::pull {
namespace {

using base::Error;
using base::ErrorCode;
using std::chrono::milliseconds;

Trouble cut() { return {Error{ErrorCode::Unavailable, "cut", {}, {}, "cut"}}; }

class RetriesTest : public testing::Test {
 protected:
  std::vector<long long> pauses_;
  const OnRetry on_retry_ = [this](const Error&, milliseconds pause) {
    pauses_.push_back(pause.count());
  };
  RetryLimits limits_{.attempts = 6,
                      .first_pause = milliseconds(1),
                      .longest_pause = milliseconds(5),
                      .longest_wish = milliseconds(3000)};
};

TEST_F(RetriesTest, PausesLongerEachTimeAndGivesUp) {
  Retries retries(limits_, on_retry_);
  int waits = 0;
  while (retries.wait_after(cut(), {})) ++waits;
  EXPECT_EQ(waits, 5);
  EXPECT_EQ(pauses_, (std::vector<long long>{1, 2, 4, 5, 5}));
}

TEST_F(RetriesTest, GivesUpSoonerWhereNobodyCanBeReached) {
  for (const std::string reason : {"dns", "connect"}) {
    Retries retries(limits_, on_retry_);
    int waits = 0;
    while (retries.wait_after({Error{ErrorCode::Unavailable, "no", {}, {}, reason}}, {})) ++waits;
    EXPECT_EQ(waits, 2) << reason;
  }
}

TEST_F(RetriesTest, BeginsAnewAfterProgress) {
  Retries retries(limits_, on_retry_);
  for (int i = 0; i < 20; ++i) {
    retries.made_progress();
    ASSERT_TRUE(retries.wait_after(cut(), {}));
  }
  EXPECT_EQ(pauses_.back(), 1);
}

TEST_F(RetriesTest, HonoursAWishThatIsBearable) {
  Retries retries(limits_, on_retry_);
  std::stop_source stop;
  const OnRetry stop_at_once = [&](const Error&, milliseconds pause) {
    pauses_.push_back(pause.count());
    stop.request_stop();
  };
  Retries polite(limits_, stop_at_once);
  EXPECT_FALSE(polite.wait_after({cut().error, std::chrono::seconds(2)}, stop.get_token()));
  EXPECT_EQ(pauses_, std::vector<long long>{2000});
  EXPECT_FALSE(retries.wait_after({cut().error, std::chrono::seconds(4)}, {}));
  EXPECT_FALSE(retries.wait_after({cut().error, std::chrono::seconds(9'000'000'000)}, {}));
}

TEST_F(RetriesTest, LeaveAloneWhatCannotPass) {
  Retries retries(limits_, on_retry_);
  EXPECT_FALSE(retries.wait_after({Error{ErrorCode::Io, "full", {}, {}}}, {}));
  EXPECT_FALSE(retries.wait_after({Error{ErrorCode::Unavailable, "away", {}, {}, "redirect"}}, {}));
  EXPECT_FALSE(retries.wait_after({Error{ErrorCode::Cancelled, "stop", {}, {}}}, {}));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(retries.wait_after(cut(), stop.get_token()));
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(RetriesTest, PatientlyReturnsTheFirstSuccess) {
  int calls = 0;
  const auto result = patiently(limits_, on_retry_, {}, [&]() -> std::expected<int, Trouble> {
    if (++calls < 3) return std::unexpected(cut());
    return 7;
  });
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, 7);
  EXPECT_EQ(calls, 3);
}

TEST_F(RetriesTest, PatientlyReturnsTheLastFailure) {
  int calls = 0;
  const auto result = patiently(limits_, on_retry_, {}, [&]() -> std::expected<int, Trouble> {
    ++calls;
    return std::unexpected(cut());
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "cut");
  EXPECT_EQ(calls, 6);
}

}  // namespace
}  // namespace shimmy::pull
