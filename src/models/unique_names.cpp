#include "models/unique_names.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>

namespace shimmy::models {
namespace {

// The last `count` directories above the file; all of them if it has no more.
std::string directories(const std::filesystem::path& file, std::size_t count) {
  std::filesystem::path result;
  std::filesystem::path parent = file.parent_path();
  for (; count > 0 && parent.has_filename(); --count, parent = parent.parent_path()) {
    result = result.empty() ? parent.filename() : parent.filename() / result;
  }
  return result.string();
}

void tell_apart(std::span<const NamedFile> files, const std::vector<std::size_t>& same,
                std::vector<std::string>& names) {
  constexpr std::size_t deepest = 32;
  for (std::size_t depth = 1; depth <= deepest; ++depth) {
    std::set<std::string> distinct;
    for (const std::size_t index : same) {
      const NamedFile& file = files[index];
      const bool is_qualified = depth == 1 && !file.qualifier.empty();
      names[index] =
          file.short_name + "@" + (is_qualified ? file.qualifier : directories(file.path, depth));
      distinct.insert(names[index]);
    }
    if (distinct.size() == same.size()) return;
  }
  // Two files that differ in their extension alone.
  for (const std::size_t index : same) names[index] = files[index].path.string();
}

}  // namespace

std::vector<std::string> unique_names(std::span<const NamedFile> files) {
  std::map<std::string, std::vector<std::size_t>> by_name;
  for (std::size_t i = 0; i < files.size(); ++i) by_name[files[i].short_name].push_back(i);
  std::vector<std::string> names(files.size());
  for (const auto& [name, same] : by_name) {
    if (same.size() == 1) {
      names[same.front()] = name;
    } else {
      tell_apart(files, same, names);
    }
  }
  // Somebody may call a file "phi@work": it keeps its name.
  for (const auto& [name, same] : by_name) {
    if (same.size() == 1) continue;
    for (const std::size_t index : same) {
      for (std::size_t depth = 2; depth <= 32 && by_name.contains(names[index]); ++depth) {
        names[index] = files[index].short_name + "@" + directories(files[index].path, depth);
      }
    }
  }
  return names;
}

}  // namespace shimmy::models
