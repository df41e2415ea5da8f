// The header of a GGUF model file, read and checked before libllama may see the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gguf/mapped_file.h"
#include "gguf/metadata.h"
#include "gguf/tensor_table.h"

namespace shimmy::gguf {

enum class FileKind {
  Model,
  Adapter,    // LoRA weights for a model
  Projector,  // what turns images or sound into a model's embeddings
  Other,
};

// One of the files that a model was split into.
struct Shard {
  std::uint32_t index = 0;  // only number 0 carries the model's own metadata
  std::uint32_t count = 1;
  std::uint64_t all_tensors = 0;  // of all shards together; 0: not split
};

// Every string_view in it points into `file`.
struct Header {
  std::uint32_t version = 0;
  std::uint32_t alignment = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t data_offset = 0;  // where the tensors' bytes begin
  Metadata metadata;
  std::vector<Tensor> tensors;  // offsets are from the start of the file
  FileKind kind = FileKind::Model;
  Shard shard;
  std::string_view architecture;           // "llama", …; empty in shards after the first
  std::vector<std::string> warnings;       // oddities that libllama copes with, as sentences
  std::shared_ptr<const MappedFile> file;  // null after parse_header
};

// Reads and checks the file's header. Fails with Io where the file cannot be opened, else with
// ModelLoadFailed; the message begins with the path.
base::Result<Header> read_header(const std::filesystem::path& path);

// The same on bytes in memory: the first ones of a file of `file_bytes`, which may be more.
base::Result<Header> parse_header(std::span<const std::byte> bytes, std::uint64_t file_bytes);

// "model", "adapter", …
std::string_view name(FileKind kind);

}  // namespace shimmy::gguf
