#include "models/watched_tree.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <set>
#include <string>
#include <system_error>
#include <utility>

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;

// Not IN_MODIFY: of a download that grows only its end matters.
constexpr std::uint32_t kEvents = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO |
                                  IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

fs::path normal_path(const fs::path& path) {
  std::error_code error;
  fs::path result = fs::absolute(path, error).lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

std::vector<fs::path> normal_paths(std::vector<fs::path> paths) {
  std::ranges::transform(paths, paths.begin(),
                         [](const fs::path& path) { return normal_path(path); });
  return paths;
}

bool is_dir(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

fs::path nearest_above(const fs::path& root) {
  fs::path above = root.parent_path();
  while (above.has_relative_path() && !is_dir(above)) above = above.parent_path();
  return above;
}

// The component of `root` right below `directory`.
std::string next_component(const fs::path& root, const fs::path& directory) {
  const fs::path rest = root.lexically_relative(directory);
  return rest.empty() ? std::string() : rest.begin()->string();
}

}  // namespace

WatchedTree::WatchedTree(std::vector<fs::path> roots, const WatchLimits& limits)
    : roots_(normal_paths(std::move(roots))),
      limits_(limits),
      descriptor_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

WatchedTree::~WatchedTree() {
  if (descriptor_ >= 0) close(descriptor_);
}

void WatchedTree::watch_roots() {
  is_complete_ = true;
  for (const fs::path& root : roots_) watch_root(root);
}

// The directory above is watched before the root is looked at: what comes meanwhile is either seen
// or an event.
void WatchedTree::watch_root(const fs::path& root) {
  // The root may also go and come again.
  for (fs::path above = nearest_above(root);;) {
    Watched* watched = watch(above);
    if (watched == nullptr) break;
    if (std::ranges::find(watched->awaited, root) == watched->awaited.end()) {
      watched->awaited.push_back(root);
    }
    fs::path now = nearest_above(root);
    if (now == above) break;
    above = std::move(now);
  }
  if (is_dir(root)) watch_tree(root, 0);
}

// Null where it cannot be watched: it may be gone again, or closed to us, as to the search.
WatchedTree::Watched* WatchedTree::watch(const fs::path& directory) {
  if (watched_.size() >= limits_.directories) {
    is_complete_ = false;
    return nullptr;
  }
  const int number = inotify_add_watch(descriptor_, directory.c_str(), kEvents);
  if (number < 0) {
    if (errno == ENOSPC || errno == ENOMEM || errno == EBADF) is_complete_ = false;
    return nullptr;
  }
  Watched& watched = watched_[number];
  if (watched.path.empty()) watched.path = directory;
  return &watched;
}

void WatchedTree::watch_tree(const fs::path& directory, int depth) {
  Watched* watched = watch(directory);
  // One number for each directory, whatever the links to it are called: loops end here.
  if (watched == nullptr || (watched->depth >= 0 && watched->depth <= depth)) return;
  watched->depth = depth;
  if (depth >= limits_.depth) return;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    const bool is_hidden = entry->path().filename().string().starts_with('.');
    if (!is_hidden && entry->is_directory(ignored)) watch_tree(entry->path(), depth + 1);
  }
}

bool WatchedTree::take_event(int number, std::uint32_t mask, std::string_view name) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    watch_roots();
    return true;
  }
  const auto found = watched_.find(number);
  if (found == watched_.end()) return false;
  if ((mask & IN_IGNORED) != 0) {
    const Watched gone = std::move(found->second);
    watched_.erase(found);
    for (const fs::path& root : gone.awaited) watch_root(root);
    return gone.depth >= 0;
  }
  const Watched watched = found->second;  // new watches may move it
  bool matters = false;
  for (const fs::path& root : watched.awaited) {
    if (next_component(root, watched.path) != name) continue;
    watch_root(root);
    matters = true;
  }
  if (watched.depth < 0 || name.starts_with('.')) return matters;
  const bool is_new_directory = (mask & IN_ISDIR) != 0 && (mask & (IN_CREATE | IN_MOVED_TO)) != 0;
  if (is_new_directory) watch_tree(watched.path / name, watched.depth + 1);
  return true;
}

bool WatchedTree::take_events() {
  bool matters = false;
  std::array<char, 16 << 10> bytes{};
  for (;;) {
    const ssize_t length = read(descriptor_, bytes.data(), bytes.size());
    if (length <= 0) return matters;
    for (std::size_t at = 0; at < static_cast<std::size_t>(length);) {
      inotify_event event{};
      std::memcpy(&event, bytes.data() + at, sizeof event);
      const char* name = event.len > 0 ? bytes.data() + at + sizeof event : "";
      matters = take_event(event.wd, event.mask, name) || matters;
      at += sizeof event + event.len;
    }
  }
}

}  // namespace shimmy::models
