#include "llama/log_route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <llama.h>

#include <mutex>
#include <thread>

#include "llama/shared_model_fixture.h"

namespace shimmy::llama {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::SizeIs;

// Collects what a LogRoute writes, from any thread.
class Lines {
 public:
  base::Logger logger() {
    return base::Logger::to_writer(base::LogLevel::Debug, base::LogFormat::Text,
                                   [this](std::string_view line) {
                                     const std::lock_guard lock(mutex_);
                                     lines_.emplace_back(line);
                                   });
  }
  std::vector<std::string> all() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

// As libllama itself logs: through the callback that is set.
void log(ggml_log_level level, const char* text) {
  ggml_log_callback callback = nullptr;
  void* user = nullptr;
  llama_log_get(&callback, &user);
  callback(level, text, user);
}

class LogRouteTest : public testing::Test {
 protected:
  void SetUp() override { shared_model(); }  // its Backend is the outer route

  Lines lines_;
};

TEST_F(LogRouteTest, JoinsContinuedFragmentsIntoOneLine) {
  const LogRoute route(lines_.logger());
  log(GGML_LOG_LEVEL_INFO, "load: ");
  log(GGML_LOG_LEVEL_CONT, ".");
  log(GGML_LOG_LEVEL_CONT, ".");
  EXPECT_THAT(lines_.all(), SizeIs(0));
  log(GGML_LOG_LEVEL_CONT, "done\n");
  EXPECT_THAT(lines_.all(), ElementsAre(EndsWith("load: ..done")));
}

TEST_F(LogRouteTest, SplitsATextOfSeveralLines) {
  const LogRoute route(lines_.logger());
  log(GGML_LOG_LEVEL_INFO, "one\n\ntwo\nthr");
  EXPECT_THAT(lines_.all(), ElementsAre(EndsWith("one"), EndsWith("two")));
  log(GGML_LOG_LEVEL_CONT, "ee\n");
  EXPECT_THAT(lines_.all(), ElementsAre(EndsWith("one"), EndsWith("two"), EndsWith("three")));
}

TEST_F(LogRouteTest, EndsAnOpenLineWhenAnotherOneBegins) {
  const LogRoute route(lines_.logger());
  log(GGML_LOG_LEVEL_INFO, "first");
  log(GGML_LOG_LEVEL_INFO, "second\n");
  EXPECT_THAT(lines_.all(), ElementsAre(EndsWith("first"), EndsWith("second")));
}

TEST_F(LogRouteTest, WritesAnOpenLineWhenItGoes) {
  {
    const LogRoute route(lines_.logger());
    log(GGML_LOG_LEVEL_INFO, "unfinished");
  }
  EXPECT_THAT(lines_.all(), ElementsAre(EndsWith("unfinished")));
}

TEST_F(LogRouteTest, WritesErrorsAtDebugLevel) {
  std::size_t written = 0;
  const LogRoute route(base::Logger::to_writer(base::LogLevel::Info, base::LogFormat::Text,
                                               [&](std::string_view) { ++written; }));
  log(GGML_LOG_LEVEL_ERROR, "it all went wrong\n");
  EXPECT_EQ(written, 0U);
}

TEST_F(LogRouteTest, CutsALineThatNeverEnds) {
  const LogRoute route(lines_.logger());
  log(GGML_LOG_LEVEL_INFO, std::string(20'000, 'x').c_str());
  EXPECT_THAT(lines_.all(), SizeIs(1));
}

TEST_F(LogRouteTest, PutsTheFormerCallbackBack) {
  ggml_log_callback before = nullptr;
  void* user_before = nullptr;
  llama_log_get(&before, &user_before);
  {
    const LogRoute route(lines_.logger());
  }
  ggml_log_callback after = nullptr;
  void* user_after = nullptr;
  llama_log_get(&after, &user_after);
  EXPECT_EQ(before, after);
  EXPECT_EQ(user_before, user_after);
}

TEST_F(LogRouteTest, KeepsTheLinesOfTwoThreadsApart) {
  const LogRoute route(lines_.logger());
  log(GGML_LOG_LEVEL_INFO, "mine ");
  std::thread([] { log(GGML_LOG_LEVEL_INFO, "other\n"); }).join();
  log(GGML_LOG_LEVEL_CONT, "ends\n");
  EXPECT_THAT(lines_.all(), ElementsAre(EndsWith("other"), EndsWith("mine ends")));
}

TEST_F(LogRouteTest, CaptureKeepsTheLastComplaints) {
  const LogCapture capture;
  log(GGML_LOG_LEVEL_INFO, "all is well\n");
  for (const char* text : {"a\n", "b\n", "c\n", "d\n", "e\n"}) log(GGML_LOG_LEVEL_ERROR, text);
  EXPECT_EQ(capture.text(), "b; c; d; e");
}

TEST_F(LogRouteTest, InnerCaptureHearsAloneAndOuterGoesOn) {
  const LogCapture outer;
  {
    const LogCapture inner;
    log(GGML_LOG_LEVEL_WARN, "inside\n");
    EXPECT_EQ(inner.text(), "inside");
  }
  log(GGML_LOG_LEVEL_WARN, "outside\n");
  EXPECT_EQ(outer.text(), "outside");
}

TEST_F(LogRouteTest, CaptureDoesNotHearOtherThreads) {
  const LogCapture capture;
  std::thread([] { log(GGML_LOG_LEVEL_ERROR, "elsewhere\n"); }).join();
  EXPECT_EQ(capture.text(), "");
}

}  // namespace
}  // namespace shimmy::llama
