// The directories that the kernel watches for us (inotify).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string_view>
#include <vector>

namespace shimmy::models {

struct WatchLimits {
  std::size_t directories = 10'000;
  int depth = 6;  // below a root, as the search goes
};

// For one thread. Roots that do not exist yet are awaited: what is watched then is the nearest
// directory above them.
class WatchedTree {
 public:
  explicit WatchedTree(std::vector<std::filesystem::path> roots, const WatchLimits& limits = {});
  ~WatchedTree();
  WatchedTree(const WatchedTree&) = delete;
  WatchedTree& operator=(const WatchedTree&) = delete;

  // To be polled for reading; -1 where the kernel has none for us.
  int descriptor() const { return descriptor_; }

  // Whether everything is watched: else there were no more watches to be had, or a root has more
  // directories than the limit.
  bool is_complete() const { return descriptor_ >= 0 && is_complete_; }

  // Watches the roots and what is below them.
  void watch_roots();

  // Takes what has happened, never waits; watches new directories. True if something that matters
  // has changed below a root.
  bool take_events();

 private:
  struct Watched {
    std::filesystem::path path;
    int depth = -1;                              // below its root; -1: not below one
    std::vector<std::filesystem::path> awaited;  // roots that are to appear below it
  };

  void watch_root(const std::filesystem::path& root);
  void watch_tree(const std::filesystem::path& directory, int depth);
  Watched* watch(const std::filesystem::path& directory);
  bool take_event(int watch, std::uint32_t mask, std::string_view name);

  const std::vector<std::filesystem::path> roots_;
  const WatchLimits limits_;
  const int descriptor_;
  bool is_complete_ = true;
  std::map<int, Watched> watched_;  // by the kernel's number
};

}  // namespace shimmy::models
