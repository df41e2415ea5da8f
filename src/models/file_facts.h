// What the header of one model file says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"
#include "models/capabilities.h"

namespace shimmy::models {

// Only a Model can be listed. A Companion goes with some model and is neither projector nor
// adapter, as a vocabulary alone is.
enum class FileKind { Model, Projector, Adapter, Companion };

struct FileFacts {
  FileKind kind = FileKind::Model;
  std::string kind_word = "model";  // as a user would say it: "a model", "an adapter", …
  std::uint32_t shard_index = 0;    // of a model in several files; only number 0 says the rest
  std::uint32_t shard_count = 1;
  std::string architecture;
  std::string title;
  std::string base_name;         // equal in what belongs together, letter case aside; may be empty
  std::uint64_t parameters = 0;  // in this file
  std::string quantization;
  std::uint64_t context_tokens = 0;
  std::uint64_t embedding_size = 0;  // of a model; what a projector projects to; 0: unknown
  bool has_chat_template = false;
  Capabilities capabilities;

  friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

// Fails with ModelLoadFailed; the message names the file and what is wrong with it.
using FactsReader = std::function<base::Result<FileFacts>(const std::filesystem::path& file)>;

// The FactsReader for GGUF files: reads the header only. Never waits for a pipe, and survives that
// the file is shortened meanwhile.
base::Result<FileFacts> read_file_facts(const std::filesystem::path& file);

}  // namespace shimmy::models
