// A model that is there but cannot be used.
#pragma once

#include <filesystem>
#include <string>

namespace shimmy::models {

struct BrokenModel {
  std::string name;  // its short name
  std::filesystem::path path;
  std::string source;
  std::string reason;         // a full sentence that names the file
  std::string public_reason;  // the same without directories: clients need not know them
};

}  // namespace shimmy::models
