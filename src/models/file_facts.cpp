#include "models/file_facts.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include "base/escape.h"
#include "gguf/description.h"
#include "gguf/header.h"
#include "gguf/text.h"
#include "models/header_capabilities.h"
#include "models/regular_file.h"

namespace shimmy::models {
namespace {

using base::ErrorCode;
using base::Result;

// Only the first of several files carries the model's own metadata: the others count as parts of
// it.
FileKind kind_of(const gguf::Description& description) {
  switch (description.kind) {
    case gguf::FileKind::Model: break;
    case gguf::FileKind::Adapter: return FileKind::Adapter;
    case gguf::FileKind::Projector: return FileKind::Projector;
    case gguf::FileKind::Other: return FileKind::Companion;
  }
  const bool is_vocabulary_alone = description.parameters == 0 && description.shard.count <= 1;
  return is_vocabulary_alone ? FileKind::Companion : FileKind::Model;
}

std::string kind_word(const gguf::Description& description) {
  switch (description.kind) {
    case gguf::FileKind::Model: return description.parameters == 0 ? "a vocabulary" : "a model";
    case gguf::FileKind::Adapter: return "an adapter";
    case gguf::FileKind::Projector: return "a projector for images or sound";
    case gguf::FileKind::Other: break;
  }
  return "a companion of some model";
}

std::uint64_t projected_size(const gguf::Metadata& metadata) {
  const auto vision = metadata.unsigned_at("clip.vision.projection_dim");
  return vision ? *vision : metadata.unsigned_at("clip.audio.projection_dim").value_or(0);
}

// Adapters name the model that they were made for.
std::string base_name(const gguf::Metadata& metadata, FileKind kind) {
  auto name = metadata.string_at("general.basename");
  if (const auto base = metadata.string_at("general.base_model.0.name");
      base && kind == FileKind::Adapter) {
    name = base;
  }
  return base::escape_control(gguf::valid_utf8(name.value_or("")));
}

FileFacts facts_of(const gguf::Header& header) {
  gguf::Description description = gguf::describe(header);
  FileFacts facts;
  facts.kind = kind_of(description);
  facts.kind_word = kind_word(description);
  facts.base_name = base_name(header.metadata, facts.kind);
  facts.shard_index = description.shard.index;
  facts.shard_count = description.shard.count;
  facts.parameters = description.parameters;
  facts.context_tokens = description.context_tokens;
  facts.embedding_size = facts.kind == FileKind::Projector ? projected_size(header.metadata)
                                                           : description.embedding_size;
  facts.has_chat_template = !description.chat_template.empty();
  facts.capabilities = capabilities_of(header, description);
  facts.architecture = std::move(description.architecture);
  facts.title = std::move(description.title);
  facts.quantization = std::move(description.quantization);
  return facts;
}

bool is_gguf(std::span<const std::byte> bytes) {
  return bytes.size() >= 4 && std::memcmp(bytes.data(), "GGUF", 4) == 0;
}

// How long a header is, only reading it can tell: more of the file is read until it fits.
Result<FileFacts> read_growing(const RegularFile& file) {
  constexpr std::uint64_t first = 1 << 20;
  constexpr std::uint64_t most = 128 << 20;
  for (std::uint64_t length = first;; length = std::min(length * 8, most)) {
    const std::uint64_t wanted = std::min(length, file.size());
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(wanted);
    const std::span<std::byte> whole(buffer.get(), wanted);
    const std::span<const std::byte> bytes = whole.first(file.read(whole, 0));
    const auto header = gguf::parse_header(bytes, file.size());
    if (header) return facts_of(*header);
    const bool is_all = wanted == file.size() || length == most || bytes.size() < wanted;
    if (is_all || !is_gguf(bytes)) return std::unexpected(header.error());
  }
}

}  // namespace

Result<FileFacts> read_file_facts(const std::filesystem::path& file) {
  const std::string shown = base::escape_control(file.native());
  const auto opened = RegularFile::open(file);
  if (!opened) {
    base::Error error = opened.error();
    error.code = ErrorCode::ModelLoadFailed;
    return std::unexpected(std::move(error));
  }
  if (opened->size() == 0) {
    return base::fail(ErrorCode::ModelLoadFailed,
                      "{} is empty. The download was probably cut off: get it again.", shown);
  }
  auto facts = read_growing(*opened);
  if (!facts) {
    return base::fail(ErrorCode::ModelLoadFailed, "{} cannot be used as a model: {}.", shown,
                      facts.error().message);
  }
  return facts;
}

}  // namespace shimmy::models
