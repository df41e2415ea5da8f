#include "models/describe.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gguf/shard_name.h"
#include "gguf/text.h"
#include "models/model_files.h"
#include "models/stores/hub_names.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using base::Result;

struct FileSize {
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;
};

Result<FileSize> check_file(const fs::path& file) {
  struct stat status{};
  if (stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT) {
      return fail(ErrorCode::ModelNotFound, "There is no file {}.", file.string());
    }
    return fail(ErrorCode::ModelLoadFailed, "{} cannot be read: {}.", file.string(),
                std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    return fail(ErrorCode::InvalidRequest,
                "{0} is a directory, not a model file. Name a .gguf file in it, or search it with "
                "--model-dir {0}.",
                file.string());
  }
  // Opening a pipe or a device would block or never end.
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::ModelLoadFailed, "{} is not a regular file.", file.string());
  }
  return FileSize{static_cast<std::uint64_t>(status.st_size), status.st_mtime};
}

// All files of the model that `file` belongs to, in order. Fails when one is missing.
Result<std::vector<fs::path>> all_shards(const fs::path& file) {
  const auto shard = gguf::parse_shard_name(file.stem().string());
  if (!shard) return std::vector{file};
  std::vector<fs::path> shards = named_shards(file);
  std::vector<std::string> missing;
  for (const fs::path& path : shards) {
    std::error_code error;
    if (!fs::exists(path, error)) missing.push_back(path.filename().string());
  }
  if (missing.empty()) return shards;
  constexpr std::size_t shown = 3;
  std::string verb = missing.size() > 1 ? " are" : " is";
  if (missing.size() > shown) {
    verb = fmt::format(" and {} more are", missing.size() - shown);
    missing.resize(shown);
  }
  return fail(ErrorCode::ModelLoadFailed,
              "{} is one of {} files of a model, and {}{} missing from {}. Download the rest.",
              file.filename().string(), shard->count, fmt::join(missing, ", "), verb,
              file.parent_path().string());
}

struct Part {
  fs::path path;
  FileFacts facts;
  FileSize size;
};

Result<std::vector<Part>> read_parts(const std::vector<fs::path>& files, const FactsReader& read) {
  std::vector<Part> parts;
  for (const fs::path& file : files) {
    const auto size = check_file(file);
    if (!size) return std::unexpected(size.error());
    auto facts = read(file);
    if (!facts) return std::unexpected(std::move(facts).error());
    parts.push_back({file, std::move(*facts), *size});
  }
  return parts;
}

// Requires: there is a first part.
Described put_together(const fs::path& named, std::vector<Part> parts) {
  Described result;
  ModelEntry& entry = result.entry;
  for (const Part& part : parts) {
    entry.size_bytes += part.size.bytes;
    entry.parameters += part.facts.parameters;
  }
  entry.path = parts.front().path;
  entry.modified = parts.front().size.modified;
  result.facts = std::move(parts.front().facts);
  result.facts.parameters = entry.parameters;
  entry.name = gguf::valid_utf8(stores::model_stem(named));
  entry.architecture = result.facts.architecture;
  entry.title = result.facts.title;
  entry.quantization = result.facts.quantization;
  entry.context_tokens = result.facts.context_tokens;
  entry.has_chat_template = result.facts.has_chat_template;
  entry.capabilities = result.facts.capabilities;
  return result;
}

// In the order that the files' headers say.
Result<void> put_in_order(std::vector<Part>& parts) {
  std::ranges::stable_sort(parts, {}, [](const Part& part) { return part.facts.shard_index; });
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const FileFacts& facts = parts[i].facts;
    if (facts.shard_index == i && facts.shard_count == parts.size()) continue;
    return fail(ErrorCode::ModelLoadFailed,
                "{} says that it is file {} of {} of a model: {} files were given, and it cannot "
                "be number {} of them.",
                parts[i].path.string(), facts.shard_index + 1, facts.shard_count, parts.size(),
                i + 1);
  }
  return {};
}

}  // namespace

Result<Described> describe(const fs::path& file, const FactsReader& read) {
  const bool is_named_shard = gguf::parse_shard_name(file.stem().string()).has_value();
  if (is_named_shard) {  // or its brothers would be said to be missing
    auto checked = check_file(file);
    if (!checked) return std::unexpected(std::move(checked).error());
  }
  const auto shards = all_shards(file);
  if (!shards) return std::unexpected(shards.error());
  auto parts = read_parts(*shards, read);
  if (!parts) return std::unexpected(std::move(parts).error());
  // libllama finds the others by its name alone.
  if (const FileFacts& facts = parts->front().facts; facts.shard_count > 1 && !is_named_shard) {
    return fail(ErrorCode::ModelLoadFailed,
                "{} is file {} of {} of a model, but its name does not say so. Name it "
                "{}-{:05}-of-{:05}.gguf, as the others.",
                file.string(), facts.shard_index + 1, facts.shard_count, stores::model_stem(file),
                facts.shard_index + 1, facts.shard_count);
  }
  return put_together(file, std::move(*parts));
}

Result<Described> describe(const std::vector<fs::path>& files, const FactsReader& read) {
  if (files.size() == 1) return describe(files.front(), read);
  auto parts = read_parts(files, read);
  if (!parts) return std::unexpected(std::move(parts).error());
  if (auto ordered = put_in_order(*parts); !ordered) return std::unexpected(ordered.error());
  std::vector<fs::path> more;
  for (const Part& part : std::span(*parts).subspan(1)) more.push_back(part.path);
  Described result = put_together(files.front(), std::move(*parts));
  result.entry.more_files = std::move(more);
  return result;
}

}  // namespace shimmy::models
