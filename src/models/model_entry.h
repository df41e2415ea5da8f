// A model file on this machine, described from its header alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/capabilities.h"
#include "models/model_defaults.h"

namespace shimmy::models {

struct ModelEntry {
  std::string name;                               // unique in the catalog; what users type
  std::filesystem::path path;                     // of the file, or of the first shard
  std::vector<std::filesystem::path> more_files;  // shards that the first one's name does not tell
  std::string source;            // where it was found: "./models", "--model-dir", …
  std::uint64_t size_bytes = 0;  // of all shards
  std::int64_t modified = 0;     // Unix seconds
  std::string architecture;
  std::string title;  // general.name; may be empty
  std::uint64_t parameters = 0;
  std::string quantization;  // "Q4_1", "Q4_K_M", "F16", …
  std::uint64_t context_tokens = 0;
  bool has_chat_template = false;
  std::vector<std::string> aliases;  // other names of the same model; sorted
  Capabilities capabilities;
  std::filesystem::path projector;              // of images; empty: none
  std::vector<std::filesystem::path> adapters;  // LoRA files that belong to it
  bool applies_adapters =
      false;               // its store makes them part of it; else they lie beside it and fit
  ModelDefaults defaults;  // that its store says
};

}  // namespace shimmy::models
