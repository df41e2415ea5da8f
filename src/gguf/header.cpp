#include "gguf/header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "base/escape.h"
#include "gguf/compute_check.h"
#include "gguf/cursor.h"
#include "gguf/field.h"
#include "gguf/foreign_file.h"
#include "gguf/hyperparameter_check.h"
#include "gguf/key_types.h"
#include "gguf/text.h"
#include "gguf/vocabulary_check.h"

namespace shimmy::gguf {
namespace {

constexpr std::string_view kMagic = "GGUF";
constexpr std::uint32_t kDefaultAlignment = 32;
constexpr std::size_t kLongestArchitecture = 64;

base::Result<void> check_magic(Cursor& cursor, std::span<const std::byte> bytes) {
  const auto magic = cursor.take(kMagic.size());
  if (magic &&
      std::string_view(reinterpret_cast<const char*>(magic->data()), magic->size()) == kMagic) {
    return {};
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (kMagic.starts_with(text)) {
    return refuse("it ends after {} bytes, inside the letters GGUF: it is cut short, get it again",
                  bytes.size());
  }
  const std::string_view kind = foreign_kind(bytes);
  if (!kind.empty()) return refuse("it is not a GGUF model but {}", kind);
  return refuse("it is not a GGUF model: it begins with {}, not with 'GGUF'",
                quoted(text.substr(0, kMagic.size())));
}

base::Result<std::uint32_t> parse_version(Cursor& cursor) {
  const auto version = read_number<std::uint32_t>(cursor, {"version", {}, 0});
  if (!version || *version == 2 || *version == 3) return version;
  if (*version == 1) {
    return refuse(
        "it is GGUF version 1, which is no longer supported: convert it to version 3, "
        "or get a newer file of the model");
  }
  const std::uint32_t swapped = std::byteswap(*version);
  if (swapped >= 1 && swapped <= 3) {
    return refuse(
        "it is a big-endian GGUF file, made for another kind of machine: get the "
        "little-endian one");
  }
  return refuse("it is GGUF version {}: 2 and 3 are supported", *version);
}

base::Result<std::uint32_t> alignment_of(const Metadata& metadata) {
  const Value* value = metadata.find("general.alignment");
  if (value == nullptr) return kDefaultAlignment;
  if (value->type != ValueType::Uint32) {
    return refuse("key 'general.alignment' is of type {}: uint32 is expected", name(value->type));
  }
  const auto alignment = static_cast<std::uint32_t>(value->as_unsigned().value_or(0));
  if (alignment < 8 || !std::has_single_bit(alignment)) {
    return refuse("key 'general.alignment' is {}: a power of two from 8 on is expected", alignment);
  }
  return alignment;
}

FileKind kind_of(const Metadata& metadata) {
  const auto type = metadata.string_at("general.type");
  if (type == "adapter" || metadata.find("adapter.type") != nullptr) return FileKind::Adapter;
  if (type == "mmproj" || metadata.string_at("general.architecture") == "clip") {
    return FileKind::Projector;
  }
  return !type || type == "model" ? FileKind::Model : FileKind::Other;
}

base::Result<Shard> shard_of(const Metadata& metadata) {
  Shard shard;
  const auto index = metadata.unsigned_at("split.no");
  const auto count = metadata.unsigned_at("split.count");
  if (!index && !count) return shard;
  shard.index = static_cast<std::uint32_t>(index.value_or(0));
  shard.count = static_cast<std::uint32_t>(count.value_or(0));
  shard.all_tensors = metadata.unsigned_at("split.tensors.count").value_or(0);
  if (shard.count == 0 && shard.index == 0) return Shard{};  // as a model that is not split
  if (shard.index >= shard.count) {
    return refuse("key 'split.no' is {}, but 'split.count' is {}: it must be less", shard.index,
                  shard.count);
  }
  return shard;
}

base::Result<std::string_view> architecture_of(const Metadata& metadata, const Shard& shard) {
  const auto architecture = metadata.string_at("general.architecture");
  if (!architecture) {
    if (shard.index > 0) return std::string_view{};
    return refuse("key 'general.architecture' is missing: it is not a complete model file");
  }
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (architecture->empty() || architecture->size() > kLongestArchitecture ||
      !std::ranges::all_of(*architecture, is_allowed)) {
    return refuse(
        "key 'general.architecture' is {}: 1 to {} letters, digits, '-', '_' and '.' are "
        "expected",
        quoted(*architecture), kLongestArchitecture);
  }
  return *architecture;
}

// The fields before the tensors' bytes, and where those bytes lie.
base::Result<void> parse_parts(Cursor& cursor, Header& header) {
  const auto tensor_count = read_number<std::uint64_t>(cursor, {"tensor count", {}, 0});
  if (!tensor_count) return std::unexpected(tensor_count.error());
  const auto key_count = read_number<std::uint64_t>(cursor, {"key count", {}, 0});
  if (!key_count) return std::unexpected(key_count.error());
  auto metadata = Metadata::parse(cursor, *key_count);
  if (!metadata) return std::unexpected(metadata.error());
  header.metadata = std::move(*metadata);
  const auto alignment = alignment_of(header.metadata);
  if (!alignment) return std::unexpected(alignment.error());
  header.alignment = *alignment;
  auto tensors = parse_tensors(cursor, *tensor_count);
  if (!tensors) return std::unexpected(tensors.error());
  header.tensors = std::move(*tensors);
  header.data_offset = aligned(cursor.position(), header.alignment);
  return place_tensors(header.tensors, header.data_offset, header.alignment, header.file_bytes);
}

// What the keys say about the model, as far as libllama would abort or go astray over it.
base::Result<void> check_content(Header& header) {
  if (auto checked = check_general_key_types(header.metadata); !checked) return checked;
  const auto shard = shard_of(header.metadata);
  if (!shard) return std::unexpected(shard.error());
  header.shard = *shard;
  const auto architecture = architecture_of(header.metadata, header.shard);
  if (!architecture) return std::unexpected(architecture.error());
  header.architecture = *architecture;
  header.kind = kind_of(header.metadata);
  if (header.kind != FileKind::Model) return {};
  if (auto checked = check_compute_types(header.tensors); !checked) return checked;
  if (header.shard.index > 0) return {};
  if (auto checked = check_model_key_types(header.metadata, header.architecture); !checked) {
    return checked;
  }
  if (auto checked = check_hyperparameters(header.metadata, header.architecture); !checked) {
    return checked;
  }
  return check_vocabulary(header.metadata, header.architecture, header.warnings);
}

}  // namespace

base::Result<Header> parse_header(std::span<const std::byte> bytes, std::uint64_t file_bytes) {
  Cursor cursor(bytes);
  if (auto magic = check_magic(cursor, bytes); !magic) return std::unexpected(magic.error());
  const auto version = parse_version(cursor);
  if (!version) return std::unexpected(version.error());
  Header header;
  header.version = *version;
  header.file_bytes = std::min<std::uint64_t>(file_bytes, std::numeric_limits<std::int64_t>::max());
  if (auto parsed = parse_parts(cursor, header); !parsed) return std::unexpected(parsed.error());
  if (auto checked = check_content(header); !checked) return std::unexpected(checked.error());
  return header;
}

base::Result<Header> read_header(const std::filesystem::path& path) {
  auto file = MappedFile::open(path);
  if (!file) return std::unexpected(file.error());
  auto header = parse_header((*file)->bytes(), (*file)->bytes().size());
  if (!header) {
    header.error().message =
        fmt::format("{} cannot be used as a model: {}.", base::escape_control(path.native()),
                    header.error().message);
    return header;
  }
  header->file = std::move(*file);
  return header;
}

std::string_view name(FileKind kind) {
  constexpr std::array<std::string_view, 4> kNames{"model", "adapter", "projector", "other"};
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace shimmy::gguf
