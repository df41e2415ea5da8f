#include "models/stores/locations.h"

#include <algorithm>
#include <optional>
#include <string>

#include "models/regular_file.h"

namespace shimmy::models::stores {
namespace {

namespace fs = std::filesystem;

bool is_on(Location::On on, System system) {
  switch (on) {
    case Location::On::All: return true;
    case Location::On::Unix: return system != System::Windows;
    case Location::On::Linux: return system == System::Linux;
    case Location::On::MacOs: return system == System::MacOs;
    case Location::On::Windows: return system == System::Windows;
  }
  return false;
}

std::string home(const Machine& machine) {
  const char* name = machine.system == System::Windows ? "USERPROFILE" : "HOME";
  return machine.environment(name).value_or("");
}

std::optional<fs::path> resolve(std::string_view pattern, const Machine& machine) {
  const std::size_t end = std::min(pattern.find('/'), pattern.size());
  const std::string_view first = pattern.substr(0, end);
  const std::string_view rest = pattern.substr(std::min(end + 1, pattern.size()));
  if (!first.starts_with('$') && first != "~") return fs::path(pattern);
  const std::string start =
      first == "~" ? home(machine) : machine.environment(first.substr(1)).value_or("");
  if (start.empty()) return std::nullopt;
  if (first.starts_with("$XDG_") && !fs::path(start).is_absolute()) return std::nullopt;
  return rest.empty() ? fs::path(start) : fs::path(start) / rest;
}

// The directory that the small file names.
std::optional<fs::path> pointed_to(const fs::path& pointer) {
  constexpr std::size_t longest_path = 4096;
  auto text = read_text(pointer, longest_path);
  if (!text) return std::nullopt;
  const std::size_t end = text->find_last_not_of(" \t\r\n");
  text->resize(end == std::string::npos ? 0 : end + 1);
  fs::path path(*text);
  return path.is_absolute() ? std::optional(std::move(path)) : std::nullopt;
}

}  // namespace

System this_system() {
#if defined(__APPLE__)
  return System::MacOs;
#elif defined(_WIN32)
  return System::Windows;
#else
  return System::Linux;
#endif
}

std::vector<fs::path> expand(std::span<const Location> locations, const Machine& machine) {
  std::vector<fs::path> paths;
  for (const Location& location : locations) {
    if (!is_on(location.on, machine.system)) continue;
    std::optional<fs::path> path = resolve(location.path, machine);
    if (path && !location.below_pointer.empty()) {
      path = pointed_to(*path);
      if (path) *path /= location.below_pointer;
    }
    if (path && std::ranges::find(paths, *path) == paths.end()) paths.push_back(std::move(*path));
  }
  return paths;
}

}  // namespace shimmy::models::stores
