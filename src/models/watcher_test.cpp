#include "models/watcher.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>

#include "support/temp_dir.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;

// Counts the calls, and waits for the next one.
class Calls {
 public:
  Watcher::Changed callback() {
    return [this](bool is_complete) {
      const std::lock_guard lock(mutex_);
      ++count_;
      was_complete_ = is_complete;
      called_.notify_all();
    };
  }

  // Whether there was one more call within ten seconds.
  bool wait() {
    std::unique_lock lock(mutex_);
    const bool in_time =
        called_.wait_for(lock, std::chrono::seconds(10), [this] { return count_ > seen_; });
    seen_ = count_;
    return in_time;
  }

  bool was_complete() {
    const std::lock_guard lock(mutex_);
    return was_complete_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable called_;
  int count_ = 0;
  int seen_ = 0;
  bool was_complete_ = false;
};

class WatcherTest : public testing::Test {
 protected:
  // Returns once everything is watched.
  std::unique_ptr<Watcher> start(std::vector<fs::path> roots, const WatchLimits& limits = {}) {
    auto watcher = std::make_unique<Watcher>(
        std::move(roots), calls_.callback(), clock_,
        DebounceTimes{std::chrono::milliseconds(1), std::chrono::milliseconds(5)}, limits);
    EXPECT_TRUE(calls_.wait());
    return watcher;
  }

  const support::TempDir temp_;
  const base::SteadyClock clock_;
  Calls calls_;
};

TEST_F(WatcherTest, SeesNewChangedAndRemovedFiles) {
  const auto watcher = start({temp_.path()});
  EXPECT_TRUE(calls_.was_complete());
  temp_.write("a.gguf", "x");
  EXPECT_TRUE(calls_.wait());
  temp_.write("a.gguf", "longer");
  EXPECT_TRUE(calls_.wait());
  fs::rename(temp_.path() / "a.gguf", temp_.path() / "b.gguf");
  EXPECT_TRUE(calls_.wait());
  fs::remove(temp_.path() / "b.gguf");
  EXPECT_TRUE(calls_.wait());
}

TEST_F(WatcherTest, SeesIntoDirectoriesThatCameLater) {
  const auto watcher = start({temp_.path()});
  fs::create_directories(temp_.path() / "org/repo");
  EXPECT_TRUE(calls_.wait());
  temp_.write("org/repo/a.gguf", "x");
  EXPECT_TRUE(calls_.wait());
}

TEST_F(WatcherTest, AwaitsRootsThatDoNotExistYet) {
  const auto watcher = start({temp_.path() / "home/.ollama/models"});
  EXPECT_TRUE(calls_.was_complete());
  fs::create_directories(temp_.path() / "home/.ollama/models");
  EXPECT_TRUE(calls_.wait());
  temp_.write("home/.ollama/models/a", "x");
  EXPECT_TRUE(calls_.wait());
}

TEST_F(WatcherTest, SeesRootsGoAndComeAgain) {
  fs::create_directory(temp_.path() / "models");
  const auto watcher = start({temp_.path() / "models"});
  fs::remove(temp_.path() / "models");
  EXPECT_TRUE(calls_.wait());
  fs::create_directory(temp_.path() / "models");
  EXPECT_TRUE(calls_.wait());
  temp_.write("models/a.gguf", "x");
  EXPECT_TRUE(calls_.wait());
}

TEST_F(WatcherTest, SurvivesLoopsAndFollowsLinks) {
  const support::TempDir far;
  fs::create_directory_symlink(".", temp_.path() / "self");
  fs::create_directory_symlink(far.path(), temp_.path() / "far");
  const auto watcher = start({temp_.path()});
  far.write("a.gguf", "x");
  EXPECT_TRUE(calls_.wait());
}

TEST_F(WatcherTest, SaysWhenThereAreTooManyDirectories) {
  for (int i = 0; i < 20; ++i) fs::create_directory(temp_.path() / std::to_string(i));
  const auto watcher = start({temp_.path()}, {.directories = 10, .depth = 6});
  EXPECT_FALSE(calls_.was_complete());
}

TEST_F(WatcherTest, WatchesAFileGivenAsRoot) {
  const auto watcher = start({temp_.write("file", "x")});
  fs::remove(temp_.path() / "file");
  EXPECT_TRUE(calls_.wait());
}

TEST(WatchedTree, TellsWhatMattersFromWhatDoesNot) {
  const support::TempDir temp;
  fs::create_directory(temp.path() / "models");
  WatchedTree tree({temp.path() / "models"});
  tree.watch_roots();
  EXPECT_FALSE(tree.take_events());
  temp.write("beside", "x");
  temp.write("models/.hidden", "x");
  EXPECT_FALSE(tree.take_events());
  temp.write("models/a.gguf", "x");
  EXPECT_TRUE(tree.take_events());
  EXPECT_FALSE(tree.take_events());
}

TEST(WatchedTree, DoesNotGoDeeperThanTheSearch) {
  const support::TempDir temp;
  temp.write("1/2/3/a", "x");
  WatchedTree tree({temp.path()}, {.directories = 100, .depth = 2});
  tree.watch_roots();
  temp.write("1/2/3/b", "x");
  EXPECT_FALSE(tree.take_events());
  temp.write("1/2/b", "x");
  EXPECT_TRUE(tree.take_events());
}

}  // namespace
}  // namespace shimmy::models
