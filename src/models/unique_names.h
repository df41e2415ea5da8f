// Tells models of the same name apart.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace shimmy::models {

struct NamedFile {
  std::string short_name;
  std::filesystem::path path;
  std::string qualifier = {};  // tells it apart in place of its directory: "ollama"; may be empty
};

// One name for each file, all different. A short name that only one file has stays as it is; where
// several share it, each gets its qualifier, or as much of its directory as tells them apart:
// "phi@ollama", "phi@work", "phi@home/models". A name does not depend on the order of the files.
std::vector<std::string> unique_names(std::span<const NamedFile> files);

}  // namespace shimmy::models
