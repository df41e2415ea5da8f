// A file that is being fetched, beside the place where it will be: model.gguf.part.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/error.h"
#include "pull/part_record.h"

namespace shimmy::pull {

// Held by one at a time, over all threads and processes: the lock is on the file itself, so that
// nothing else is left behind. Failures are of kind Io. One thread.
class PartFile {
 public:
  using OnWait = std::function<void(std::uint64_t bytes_there)>;

  // Makes directories and the file where they are missing. While somebody else holds the file,
  // calls `on_wait` a few times a second; `stop` ends that with Cancelled.
  static base::Result<std::unique_ptr<PartFile>> open(const std::filesystem::path& final_path,
                                                      const OnWait& on_wait,
                                                      const std::stop_token& stop);

  // Lets go of the file. One without a byte is removed; others stay for the next pull.
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::uint64_t bytes() const { return bytes_; }
  const PartRecord& record() const { return record_; }
  bool has_record() const { return has_record_; }  // false: nobody knows what the bytes are

  // Removes all bytes.
  base::Result<void> restart(PartRecord record);

  base::Result<void> truncate(std::uint64_t bytes);

  base::Result<void> append(std::string_view bytes);

  // Calls `use` with all bytes, piece by piece, until it returns false.
  base::Result<void> read(const std::function<bool(std::string_view piece)>& use) const;

  // Brings the bytes to the disk and notes how many they are.
  base::Result<void> sync();

  // The file takes its final name, in place of what may have that. Nothing else is left.
  base::Result<void> publish();

  // Removes it with all that belongs to it.
  void discard();

  const std::filesystem::path& path() const { return path_; }

  static std::filesystem::path path_for(const std::filesystem::path& final_path);

 private:
  PartFile(std::filesystem::path final_path, int descriptor, std::uint64_t bytes);

  const std::filesystem::path final_path_;
  const std::filesystem::path path_;
  const std::filesystem::path record_path_;
  const int descriptor_;
  std::uint64_t bytes_;
  PartRecord record_;
  bool has_record_ = false;
  bool is_gone_ = false;  // published or discarded
};

}  // namespace shimmy::pull
