#include "app/interrupts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <future>

namespace shimmy::app {
namespace {

// Each in a child process: signals belong to the whole process.
void expect_stop_by(int signal) {
  EXPECT_EXIT(
      {
        Interrupts interrupts;
        std::promise<void> stopped;
        const std::stop_callback callback(interrupts.token(), [&] { stopped.set_value(); });
        kill(getpid(), signal);
        const bool in_time =
            stopped.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
        _exit(in_time ? 7 : 1);
      },
      testing::ExitedWithCode(7), "");
}

TEST(InterruptsDeathTest, RequestStopOnFirstSignal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  expect_stop_by(SIGINT);
  expect_stop_by(SIGTERM);
}

TEST(InterruptsDeathTest, EndTheProcessOnSecondSignal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Interrupts interrupts;
        std::promise<void> stopped;
        const std::stop_callback callback(interrupts.token(), [&] { stopped.set_value(); });
        kill(getpid(), SIGINT);
        stopped.get_future().wait();
        kill(getpid(), SIGINT);
        while (true) pause();
      },
      testing::ExitedWithCode(130), "");
}

// Whether a stop is requested within ten seconds.
bool stops(const std::stop_token& token) {
  std::promise<void> stopped;
  const std::stop_callback callback(token, [&] { stopped.set_value(); });
  return stopped.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
}

TEST(InterruptsDeathTest, CountEachSigintForOnePieceOfWork) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Interrupts interrupts;
        for (int piece = 0; piece < 3; ++piece) {
          const std::stop_token token = interrupts.renewed_token();
          if (token.stop_requested()) _exit(1);
          kill(getpid(), SIGINT);
          if (!stops(token)) _exit(2);
        }
        _exit(7);
      },
      testing::ExitedWithCode(7), "");
}

TEST(InterruptsDeathTest, KeepASigtermForThePiecesToCome) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Interrupts interrupts;
        const std::stop_token token = interrupts.renewed_token();
        kill(getpid(), SIGTERM);
        if (!stops(token)) _exit(1);
        _exit(interrupts.renewed_token().stop_requested() ? 7 : 2);
      },
      testing::ExitedWithCode(7), "");
}

TEST(InterruptsDeathTest, EndTheProcessWhileNobodyListens) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const Interrupts interrupts;
        kill(getpid(), SIGTERM);
        while (true) pause();
      },
      testing::ExitedWithCode(128 + SIGTERM), "");
}

TEST(InterruptsDeathTest, SurviveClosedPipe) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const Interrupts interrupts;
        int ends[2];
        if (pipe(ends) != 0) _exit(1);
        close(ends[0]);
        _exit(write(ends[1], "x", 1) == -1 ? 7 : 1);
      },
      testing::ExitedWithCode(7), "");
}

TEST(InterruptsDeathTest, EndWithoutAnySignal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        {
          const Interrupts interrupts;
        }
        _exit(7);
      },
      testing::ExitedWithCode(7), "");
}

TEST(InterruptsDeathTest, CallForEachHangup) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Interrupts interrupts;
        const std::stop_token token = interrupts.token();
        for (int i = 0; i < 2; ++i) {
          std::promise<void> called;
          interrupts.on_hangup([&] { called.set_value(); });
          kill(getpid(), SIGHUP);
          if (called.get_future().wait_for(std::chrono::seconds(10)) != std::future_status::ready)
            _exit(1);
          interrupts.on_hangup({});
        }
        _exit(token.stop_requested() ? 2 : 7);
      },
      testing::ExitedWithCode(7), "");
}

TEST(InterruptsDeathTest, TakeAHangupNobodyWantsForAnEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  expect_stop_by(SIGHUP);
  EXPECT_EXIT(
      {
        const Interrupts interrupts;
        kill(getpid(), SIGHUP);
        while (true) pause();
      },
      testing::ExitedWithCode(128 + SIGHUP), "");
}

}  // namespace
}  // namespace shimmy::app
