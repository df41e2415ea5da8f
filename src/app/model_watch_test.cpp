#include "app/model_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "support/temp_dir.h"

namespace shimmy::app {
namespace {

// What take_changed() says until it is `wanted`, within ten seconds.
bool becomes(ModelWatch& watch, std::optional<bool> wanted) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    if (watch.take_changed() == wanted) return true;
    std::this_thread::yield();
  }
  return false;
}

TEST(ModelWatch, TellsOfEachChangeOnce) {
  const support::TempDir temp;
  const std::vector<models::ModelDir> dirs{{temp.path(), "test"}};
  ModelWatch watch(dirs, base::Logger::to_stderr(base::LogLevel::Off, base::LogFormat::Text));
  EXPECT_TRUE(becomes(watch, true));  // what was before it watched it cannot know
  EXPECT_EQ(watch.take_changed(), false);
  temp.write("a.gguf", "x");
  EXPECT_TRUE(becomes(watch, true));
  EXPECT_TRUE(becomes(watch, false));
}

TEST(ModelWatch, FollowsOtherDirectories) {
  const support::TempDir temp;
  const support::TempDir other;
  const std::vector<models::ModelDir> dirs{{temp.path(), "test"}};
  const std::vector<models::ModelDir> others{{other.path(), "test"}};
  ModelWatch watch(dirs, base::Logger::to_stderr(base::LogLevel::Off, base::LogFormat::Text));
  EXPECT_TRUE(becomes(watch, true));
  watch.follow(others);
  EXPECT_TRUE(becomes(watch, true));
  EXPECT_TRUE(becomes(watch, false));
  other.write("a.gguf", "x");
  EXPECT_TRUE(becomes(watch, true));
}

}  // namespace
}  // namespace shimmy::app
