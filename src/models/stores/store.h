// A store: the place where some program keeps its models, read where it lies and never written.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/broken_model.h"
#include "models/model_defaults.h"
#include "models/model_dirs.h"
#include "models/stores/locations.h"

namespace shimmy::models::stores {

// A file that a store holds, before anybody has read its header.
struct FoundFile {
  std::filesystem::path path;                     // any shard
  std::vector<std::filesystem::path> more_files;  // the other shards, where no name tells them
  std::string name;                               // as the store's users know it
  // The name ends with ':', and what the header says of the quantisation belongs behind it.
  bool name_lacks_quantization = false;
  std::vector<std::string> aliases;
  std::filesystem::path group;  // projectors and adapters of the same group may belong to it
  // What the store itself says goes with it:
  std::filesystem::path projector;
  std::vector<std::filesystem::path> adapters;
  ModelDefaults defaults;
  std::string family;  // chat template for a file that has none, as ModelDefaults names it
};

struct StoreContents {
  std::vector<FoundFile> files;       // in an order that does not depend on the directory's
  std::vector<BrokenModel> broken;    // what the store names and does not have; without source
  std::vector<std::string> problems;  // full sentences: what could not be read, or was left out
};

struct Store {
  std::string_view name;  // "ollama", …; shown to users as the source of a model
  std::span<const Location> locations;
  // Never fails: see problems. A root that does not exist is empty.
  StoreContents (*find)(const std::filesystem::path& root);
};

// All that are known, in the order of search.
std::span<const Store> stores();

// Where this machine may have stores; nothing need exist.
std::vector<ModelDir> store_dirs(const Machine& machine);

}  // namespace shimmy::models::stores
