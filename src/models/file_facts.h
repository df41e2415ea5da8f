// What the header of one model file says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"

namespace shimmy::models {

// Model: can generate. Companion: goes with a model (image projector, adapter, vocabulary alone).
enum class FileKind { Model, Companion };

struct FileFacts {
  FileKind kind = FileKind::Model;
  std::string kind_word = "model";  // as a user would say it: "model", "projector", "adapter", …
  std::string architecture;
  std::string title;
  std::uint64_t parameters = 0;  // in this file
  std::string quantization;
  std::uint64_t context_tokens = 0;
  bool has_chat_template = false;
};

// Fails with ModelLoadFailed; the message names the file and what is wrong with it.
using FactsReader = std::function<base::Result<FileFacts>(const std::filesystem::path& file)>;

// The FactsReader for GGUF files: reads the header only.
base::Result<FileFacts> read_file_facts(const std::filesystem::path& file);

}  // namespace shimmy::models
