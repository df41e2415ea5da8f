#include "models/fact_cache.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "models/regular_file.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = 64 << 20;
constexpr std::size_t kMostRecords = 20'000;
constexpr std::size_t kLongestTexts = 16 << 10;  // of one record; nobody's true header has more

std::optional<FileStamp> stamp_of(const fs::path& file) {
  struct stat status{};
  if (stat(file.c_str(), &status) != 0) return std::nullopt;
  constexpr std::int64_t second = 1'000'000'000;
  return FileStamp{static_cast<std::uint64_t>(status.st_size),
                   status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec, status.st_ino,
                   status.st_dev};
}

bool is_worth_keeping(const FactRecord& record) {
  const FileFacts& facts = record.facts;
  return record.path.size() + facts.title.size() + facts.base_name.size() +
             facts.architecture.size() + facts.quantization.size() <=
         kLongestTexts;
}

base::Result<void> replace(const fs::path& file, const std::string& bytes) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  fs::path draft = file;
  draft += fmt::format(".{}", getpid());
  {
    std::ofstream stream(draft, std::ios::binary | std::ios::trunc);
    stream << bytes;
    if (!stream.flush()) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) fs::rename(draft, file, error);
  if (!error) return {};
  std::error_code ignored;
  fs::remove(draft, ignored);
  return base::fail(base::ErrorCode::Io, "The cache {} cannot be written: {}.", file.string(),
                    error.message());
}

}  // namespace

FactCache::FactCache(fs::path file) : file_(std::move(file)) {
  if (file_.empty()) return;
  const auto text = read_text(file_, kLargestFile);
  if (!text) return;
  for (FactRecord& record : decode_records(std::as_bytes(std::span(*text)))) {
    std::string path = record.path;
    kept_.insert_or_assign(std::move(path), Kept{std::move(record), true, false});
  }
}

FactsReader FactCache::reader(FactsReader read) {
  return [this, read = std::move(read)](const fs::path& file) { return look_up(file, read); };
}

base::Result<FileFacts> FactCache::look_up(const fs::path& file, const FactsReader& read) {
  const auto stamp = stamp_of(file);
  if (!stamp) return read(file);
  const std::string& path = file.native();
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(path);
    if (found != kept_.end() && found->second.record.stamp == *stamp) {
      found->second.is_used = true;
      return found->second.record.facts;
    }
  }
  auto facts = read(file);
  FactRecord record{path, *stamp, facts ? *facts : FileFacts{}};
  if (!facts || !is_worth_keeping(record)) return facts;
  const std::lock_guard lock(mutex_);
  Kept& kept = kept_[path];
  kept.record = std::move(record);
  kept.is_used = true;
  is_changed_ = true;
  return facts;
}

bool FactCache::knew(const fs::path& file) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(file.native());
  return found != kept_.end() && found->second.is_saved;
}

base::Result<void> FactCache::save() {
  const std::lock_guard lock(mutex_);
  if (!is_changed_ || file_.empty()) return {};
  std::vector<Kept*> all;
  all.reserve(kept_.size());
  for (auto& [path, kept] : kept_) all.push_back(&kept);
  std::ranges::sort(all, {}, [](const Kept* kept) {
    return std::pair<bool, std::string_view>(!kept->is_used, kept->record.path);
  });
  if (all.size() > kMostRecords) all.resize(kMostRecords);
  std::vector<const FactRecord*> records;
  records.reserve(all.size());
  for (const Kept* kept : all) records.push_back(&kept->record);
  if (auto written = replace(file_, encode_records(records)); !written) return written;
  for (Kept* kept : all) kept->is_saved = true;
  is_changed_ = false;
  return {};
}

fs::path fact_cache_file(const Environment& environment) {
  const fs::path cache_home = environment("XDG_CACHE_HOME").value_or("");
  if (cache_home.is_absolute()) return cache_home / "shimmy" / "headers";
  const std::string home = environment("HOME").value_or("");
  if (home.empty()) return {};
  return fs::path(home) / ".cache" / "shimmy" / "headers";
}

}  // namespace shimmy::models
