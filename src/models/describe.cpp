#include "models/describe.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "gguf/shard_name.h"
#include "gguf/text.h"
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
  std::vector<fs::path> shards;
  std::vector<std::string> missing;
  for (std::uint32_t number = 1; number <= shard->count; ++number) {
    fs::path path =
        file.parent_path() / (gguf::shard_stem(*shard, number) + file.extension().string());
    std::error_code error;
    if (!fs::exists(path, error)) missing.push_back(path.filename().string());
    shards.push_back(std::move(path));
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

}  // namespace

Result<Described> describe(const fs::path& file, const FactsReader& read) {
  if (gguf::parse_shard_name(
          file.stem().string())) {  // or its brothers would be said to be missing
    auto checked = check_file(file);
    if (!checked) return std::unexpected(std::move(checked).error());
  }
  auto shards = all_shards(file);
  if (!shards) return std::unexpected(std::move(shards).error());

  Described result;
  for (const fs::path& shard : *shards) {
    const auto size = check_file(shard);
    if (!size) return std::unexpected(size.error());
    auto facts = read(shard);
    if (!facts) return std::unexpected(std::move(facts).error());
    const bool first = result.entry.path.empty();
    result.entry.size_bytes += size->bytes;
    result.entry.parameters += facts->parameters;
    if (!first) continue;
    result.entry.path = shard;
    result.entry.modified = size->modified;
    result.facts = std::move(*facts);
  }
  ModelEntry& entry = result.entry;
  result.facts.parameters = entry.parameters;
  entry.name = gguf::valid_utf8(stores::model_stem(file));
  entry.architecture = result.facts.architecture;
  entry.title = result.facts.title;
  entry.quantization = result.facts.quantization;
  entry.context_tokens = result.facts.context_tokens;
  entry.has_chat_template = result.facts.has_chat_template;
  entry.capabilities = result.facts.capabilities;
  return result;
}

}  // namespace shimmy::models
