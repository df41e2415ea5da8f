// Where programs keep their files on the different systems, written as data.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "models/model_dirs.h"

namespace shimmy::models::stores {

enum class System { Linux, MacOs, Windows };

System this_system();

// The home directory and what overrides it.
struct Machine {
  System system = this_system();
  Environment environment;
};

// A place of each system, Unix for Linux and macOS.
struct Location {
  enum class On { All, Unix, Linux, MacOs, Windows };
  On on = On::All;
  // "~/models" or "$NAME/models", with '/' on every system. Left out where the home directory or
  // the variable is not set. Variables of the XDG specification count only if absolute, as it says.
  std::string_view path;
  // If not empty, `path` is a small file with the path of a directory, and this is below it.
  std::string_view below_pointer = {};
};

// Each place once, in order; nothing need exist.
std::vector<std::filesystem::path> expand(std::span<const Location> locations,
                                          const Machine& machine);

}  // namespace shimmy::models::stores
