// Notices when files below some directories come, go or change.
#pragma once

#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "models/debounce.h"
#include "models/watched_tree.h"

namespace shimmy::models {

class Watcher {
 public:
  // `is_complete`: whether the next change will be noticed wherever it is. If not, look yourself
  // from time to time. Called on the watcher's thread: soon after the start, as what has changed
  // before cannot be known, and then after each change, when it has become quiet.
  using Changed = std::function<void(bool is_complete)>;

  // Starts its thread. The clock must outlive it.
  Watcher(std::vector<std::filesystem::path> roots, Changed changed, const base::Clock& clock,
          const DebounceTimes& times = {}, const WatchLimits& limits = {});
  ~Watcher();  // waits for a call that runs
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

 private:
  void run(const std::stop_token& stop);

  WatchedTree tree_;   // of the thread
  Debounce debounce_;  // likewise
  const Changed changed_;
  const int wake_;  // an eventfd
  std::jthread thread_;
};

}  // namespace shimmy::models
