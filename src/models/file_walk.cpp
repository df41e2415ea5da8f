#include "models/file_walk.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "base/letter_case.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;

class Walker {
 public:
  explicit Walker(const WalkLimits& limits) : limits_(limits) {}

  void enter(const fs::path& directory, std::size_t depth) {
    struct stat status{};
    if (stat(directory.c_str(), &status) != 0) return;
    if (!seen_.emplace(status.st_dev, status.st_ino).second) return;
    std::error_code error;
    fs::directory_iterator entry(directory, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      if (++entries_ > limits_.entries) {
        stop_counting(directory);
        return;
      }
      visit(*entry, depth);
    }
    if (error) {
      walk_.problems.push_back(
          fmt::format("Cannot read the directory {}: {}.", directory.string(), error.message()));
    }
  }

  Walk take() {
    std::ranges::sort(walk_.files);
    return std::move(walk_);
  }

 private:
  void visit(const fs::directory_entry& entry, std::size_t depth) {
    if (entry.path().filename().string().starts_with('.')) return;
    std::error_code error;  // a dangling link is neither
    if (entry.is_directory(error)) {
      if (depth < limits_.depth) {
        enter(entry.path(), depth + 1);
      } else {
        walk_.problems.push_back(
            fmt::format("{} is nested too deep and was not searched.", entry.path().string()));
      }
    } else if (entry.is_regular_file(error) && has_model_extension(entry.path())) {
      walk_.files.push_back(entry.path());
    }
  }

  void stop_counting(const fs::path& directory) {
    if (std::exchange(stopped_, true)) return;
    walk_.problems.push_back(
        fmt::format("Stopped searching in {} after {} entries. Name a smaller directory.",
                    directory.string(), limits_.entries));
  }

  const WalkLimits limits_;
  std::size_t entries_ = 0;
  bool stopped_ = false;
  std::set<std::pair<dev_t, ino_t>> seen_;
  Walk walk_;
};

}  // namespace

bool has_model_extension(const fs::path& path) {
  return base::equal_ignoring_case(path.extension().native(), ".gguf");
}

Walk find_model_files(const fs::path& directory, const WalkLimits& limits) {
  Walker walker(limits);
  walker.enter(directory, 0);
  return walker.take();
}

}  // namespace shimmy::models
