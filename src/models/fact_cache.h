// What headers say, remembered between runs: a header is read again only when its file has changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "models/fact_records.h"
#include "models/file_facts.h"
#include "models/model_dirs.h"

namespace shimmy::models {

// Any thread may call any member.
class FactCache {
 public:
  // Reads what was saved in `file`; one that is missing, damaged, too large or of another version
  // counts as empty. An empty path: nothing is kept.
  explicit FactCache(std::filesystem::path file);

  // Answers from memory where path, size, time and inode are the same, else by `read`. Failures are
  // not remembered. The cache must outlive the reader.
  FactsReader reader(FactsReader read);

  // Whether a file at this path was known when the cache was last read or saved.
  bool knew(const std::filesystem::path& file) const;

  // Replaces the file at once, if there is anything new. Fails with Io.
  base::Result<void> save();

 private:
  struct Kept {
    FactRecord record;
    bool is_saved = false;
    bool is_used = false;  // since the start: when there are too many, these stay
  };

  base::Result<FileFacts> look_up(const std::filesystem::path& file, const FactsReader& read);

  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Kept> kept_;  // by path; guarded by mutex_
  bool is_changed_ = false;                     // guarded by mutex_
};

// $XDG_CACHE_HOME/shimmy/headers, or ~/.cache/shimmy/headers; empty where neither is set.
std::filesystem::path fact_cache_file(const Environment& environment);

}  // namespace shimmy::models
