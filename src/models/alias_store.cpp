#include "models/alias_store.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "base/letter_case.h"
#include "base/near_names.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kMostFileBytes = std::size_t{1} << 20;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Aliases::iterator find(Aliases& aliases, std::string_view alias) {
  return std::ranges::find_if(
      aliases, [&](const auto& entry) { return base::equal_ignoring_case(entry.first, alias); });
}

std::unexpected<base::Error> cannot(const char* do_what, const fs::path& file) {
  return fail(ErrorCode::Io, "The file {} cannot be {}: {}.", file.string(), do_what,
              std::strerror(errno));
}

// Held by one process at a time, with the directory as what is locked: no file is left behind.
class DirectoryLock {
 public:
  explicit DirectoryLock(const fs::path& directory)
      : descriptor_(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (descriptor_ >= 0 && flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) continue;
  }
  ~DirectoryLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int descriptor_;
};

Result<Aliases> parse(const std::string& text, const fs::path& file) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  Aliases aliases;
  for (const auto& [alias, model] : object != nullptr ? *object : json::object()) {
    if (!model.is_string() || !check_alias(alias)) object = nullptr;
    if (object == nullptr) break;
    aliases.emplace(std::string(alias), std::string(model.get_string()));
  }
  if (object != nullptr) return aliases;
  return fail(
      ErrorCode::Io,
      "The file {} does not hold aliases: an object of the kind {{\"alias\":\"model\"}} was "
      "expected. Correct it, or delete it.",
      file.string());
}

Result<void> refuse_taken(const std::string& alias, std::span<const ModelEntry> models) {
  for (const ModelEntry& entry : models) {
    if (base::equal_ignoring_case(entry.name, alias)) {
      return base::fail_field("alias", "{} is a model's own name already: choose another alias.",
                              alias);
    }
  }
  return {};
}

Result<void> write_whole(const fs::path& file, const std::string& text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return cannot("written", file);
  const auto written = write(descriptor, text.data(), text.size());
  const bool is_whole = written == static_cast<ssize_t>(text.size()) && fsync(descriptor) == 0;
  const int reason = written >= 0 && !is_whole && errno == 0 ? ENOSPC : errno;
  close(descriptor);
  if (is_whole) return {};
  errno = reason;
  return cannot("written", file);
}

}  // namespace

fs::path alias_file(const Environment& environment) {
  const fs::path models = user_model_dir(environment);
  return models.empty() ? models : models.parent_path() / "aliases.json";
}

Result<void> check_alias(std::string_view alias) {
  constexpr std::size_t most_bytes = 128;
  const auto is_allowed = [](char c) {
    return is_letter_or_digit(c) || std::string_view("._:/@+-").contains(c);
  };
  const bool starts_well = !alias.empty() && (is_letter_or_digit(alias[0]) || alias[0] == '_');
  if (starts_well && alias.size() <= most_bytes && std::ranges::all_of(alias, is_allowed)) {
    return {};
  }
  return base::fail_field("alias",
                          "\"{}\" cannot be an alias: it takes letters, digits and any of ._:/@+- "
                          "(a letter, digit or _ first), at most {} in all.",
                          alias, most_bytes);
}

Result<Aliases> AliasStore::load() const {
  if (file_.empty()) return Aliases{};
  errno = 0;
  std::ifstream stream(file_, std::ios::binary);
  if (!stream) {
    if (errno == ENOENT || errno == ENOTDIR) return Aliases{};
    return cannot("read", file_);
  }
  std::string text(kMostFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return cannot("read", file_);
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return parse(text, file_);
}

Result<void> AliasStore::save(const Aliases& aliases) const {
  json::object object;
  for (const auto& [alias, model] : aliases) object[alias] = model;
  const fs::path next = file_.string() + ".new";
  Result<void> saved = write_whole(next, json::serialize(object) + '\n');
  if (saved && rename(next.c_str(), file_.c_str()) != 0) saved = cannot("replaced", file_);
  if (!saved) unlink(next.c_str());
  return saved;
}

Result<void> AliasStore::add(const std::string& alias, const std::string& model,
                             std::span<const ModelEntry> models) const {
  if (auto checked = check_alias(alias); !checked) return checked;
  if (auto free = refuse_taken(alias, models); !free) return free;
  if (file_.empty()) {
    return fail(ErrorCode::Io, "There is no place for aliases: set HOME or XDG_DATA_HOME.");
  }
  std::error_code error;
  fs::create_directories(file_.parent_path(), error);
  if (error) {
    return fail(ErrorCode::Io, "The directory {} cannot be made: {}.", file_.parent_path().string(),
                error.message());
  }
  const DirectoryLock lock(file_.parent_path());
  auto aliases = load();
  if (!aliases) return std::unexpected(std::move(aliases).error());
  if (const auto old = find(*aliases, alias); old != aliases->end()) aliases->erase(old);
  (*aliases)[alias] = model;
  return save(*aliases);
}

Result<void> AliasStore::remove(const std::string& alias) const {
  const DirectoryLock lock(file_.parent_path());
  auto aliases = load();
  if (!aliases) return std::unexpected(std::move(aliases).error());
  const auto found = find(*aliases, alias);
  if (found != aliases->end()) {
    aliases->erase(found);
    return save(*aliases);
  }
  std::vector<std::string> names;
  for (const auto& [name, model] : *aliases) names.push_back(name);
  const auto near = base::near_names(alias, names, 2);
  return fail(ErrorCode::ModelNotFound, "There is no alias {}. {}", alias,
              near.empty() ? "See shimmy alias."
                           : fmt::format("Did you mean {}?", fmt::join(near, " or ")));
}

}  // namespace shimmy::models
