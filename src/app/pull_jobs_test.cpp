#include "app/pull_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <vector>

namespace shimmy::app {
namespace {

using base::ErrorCode;
using protocol::native::PullOutcome;
using protocol::native::PullProgress;
using protocol::native::PullRequest;
using testing::ElementsAre;
using Outcome = base::Result<PullOutcome>;

void ignore(const PullProgress&) {}

// Blocks until `stop` is requested.
Outcome until_stopped(const std::stop_token& stop) {
  std::promise<void> stopped;
  const std::stop_callback callback(stop, [&] { stopped.set_value(); });
  stopped.get_future().wait();
  return base::fail(ErrorCode::Cancelled, "Stopped.");
}

TEST(PullJobs, HandOnProgressAndOutcome) {
  std::latch heard(1);
  PullJobs jobs([&](const PullRequest& wanted, const api::OnPullProgress& progress,
                    const std::stop_token&) -> Outcome {
    progress({.status = "downloading", .completed = 7});
    heard.wait();
    return PullOutcome{.model = wanted.model + ":" + wanted.quantization, .bytes = 7};
  });
  std::vector<std::uint64_t> seen;
  const Outcome outcome = jobs.pull({.model = "a", .quantization = "Q8_0"},
                                    [&](const PullProgress& progress) {
                                      seen.push_back(progress.completed);
                                      heard.count_down();
                                    },
                                    {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->model, "a:Q8_0");
  EXPECT_THAT(seen, ElementsAre(7U));
}

TEST(PullJobs, PullOnceForAllThatWait) {
  std::atomic<int> pulls = 0;
  std::latch go(1);
  PullJobs jobs([&](const PullRequest&, const api::OnPullProgress& progress,
                    const std::stop_token&) -> Outcome {
    ++pulls;
    progress({.status = "downloading"});
    go.wait();
    return PullOutcome{.model = "a"};
  });
  std::latch joined(3);
  std::vector<std::future<Outcome>> answers;
  for (int i = 0; i < 3; ++i) {
    answers.push_back(std::async(std::launch::async, [&] {
      bool first = true;
      return jobs.pull({.model = "a"},
                       [&](const PullProgress&) {
                         if (std::exchange(first, false)) joined.count_down();
                       },
                       {});
    }));
  }
  joined.wait();
  go.count_down();
  for (auto& answer : answers) EXPECT_TRUE(answer.get());
  EXPECT_EQ(pulls, 1);
}

TEST(PullJobs, GoOnForOthersWhenOneLeaves) {
  std::latch go(1);
  PullJobs jobs([&](const PullRequest&, const api::OnPullProgress& progress,
                    const std::stop_token& stop) -> Outcome {
    progress({.status = "downloading"});
    go.wait();
    EXPECT_FALSE(stop.stop_requested());
    return PullOutcome{.model = "a"};
  });
  std::latch joined(1);
  auto stays = std::async(std::launch::async, [&] {
    return jobs.pull({.model = "a"}, [&](const PullProgress&) { joined.count_down(); }, {});
  });
  joined.wait();
  std::stop_source gone;
  gone.request_stop();
  const Outcome left = jobs.pull({.model = "a"}, ignore, gone.get_token());
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, ErrorCode::Cancelled);
  go.count_down();
  EXPECT_TRUE(stays.get());
}

TEST(PullJobs, EndWhenTheLastOneLeaves) {
  std::atomic<bool> ended = false;
  PullJobs jobs([&](const PullRequest&, const api::OnPullProgress& progress,
                    const std::stop_token& stop) -> Outcome {
    progress({.status = "downloading"});
    Outcome outcome = until_stopped(stop);
    ended = true;
    return outcome;
  });
  std::stop_source stop;
  EXPECT_FALSE(jobs.pull(
      {.model = "a"}, [&](const PullProgress&) { stop.request_stop(); }, stop.get_token()));
  EXPECT_TRUE(ended);
}

TEST(PullJobs, AreCancelledByName) {
  PullJobs jobs([&](const PullRequest&, const api::OnPullProgress& progress,
                    const std::stop_token& stop) -> Outcome {
    progress({.status = "downloading"});
    return until_stopped(stop);
  });
  EXPECT_FALSE(jobs.cancel("a"));
  const Outcome outcome = jobs.pull({.model = "a"},
                                    [&](const PullProgress&) {
                                      EXPECT_FALSE(jobs.cancel("b"));
                                      EXPECT_TRUE(jobs.cancel("a"));
                                    },
                                    {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(outcome.error().message, testing::HasSubstr("cancelled by another request"));
  EXPECT_FALSE(jobs.cancel("a"));
}

TEST(PullJobs, AreOnlySoMany) {
  PullJobs jobs([&](const PullRequest&, const api::OnPullProgress& progress,
                    const std::stop_token& stop) -> Outcome {
    progress({.status = "downloading"});
    return until_stopped(stop);
  });
  std::latch running(PullJobs::kMaxPulls);
  std::stop_source stop;
  std::vector<std::future<Outcome>> answers;
  for (std::size_t i = 0; i < PullJobs::kMaxPulls; ++i) {
    answers.push_back(std::async(std::launch::async, [&, i] {
      return jobs.pull(
          {.model = std::to_string(i)}, [&](const PullProgress&) { running.count_down(); },
          stop.get_token());
    }));
  }
  running.wait();
  const Outcome refused = jobs.pull({.model = "more"}, ignore, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Overloaded);
  stop.request_stop();
  for (auto& answer : answers) EXPECT_FALSE(answer.get());
}

TEST(PullJobs, TurnAnExceptionIntoAFailure) {
  PullJobs jobs([](const PullRequest&, const api::OnPullProgress&,
                   const std::stop_token&) -> Outcome { throw std::runtime_error("boom"); });
  const Outcome outcome = jobs.pull({.model = "a"}, ignore, {});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, testing::HasSubstr("boom"));
}

}  // namespace
}  // namespace shimmy::app
