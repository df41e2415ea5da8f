#include "pull/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "pull/file_io.h"

namespace shimmy::pull {
namespace {

using base::ErrorCode;
using base::Result;
namespace fs = std::filesystem;

constexpr std::string_view kFullDisk =
    "What was fetched so far is kept: repeat the pull when the reason is gone.";

std::uint64_t size_of(int descriptor) {
  struct stat status{};
  return fstat(descriptor, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

// False where the file was renamed or removed while its lock was waited for.
bool is_still_at(int descriptor, const fs::path& path) {
  struct stat opened{};
  struct stat named{};
  return fstat(descriptor, &opened) == 0 && lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

// False when `stop` was requested.
bool pause(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, std::chrono::milliseconds(50), [] { return false; });
  return !stop.stop_requested();
}

// Locks the open file: true at once or after a wait.
Result<void> lock(int descriptor, const fs::path& path, const PartFile::OnWait& on_wait,
                  const std::stop_token& stop) {
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return file_error("lock", path);
    if (on_wait) on_wait(size_of(descriptor));
    if (!pause(stop)) {
      return base::fail(ErrorCode::Cancelled, "Stopped while another pull of {} went on.",
                        path.stem().string());
    }
  }
  return {};
}

}  // namespace

fs::path PartFile::path_for(const fs::path& final_path) { return final_path.string() + ".part"; }

Result<std::unique_ptr<PartFile>> PartFile::open(const fs::path& final_path, const OnWait& on_wait,
                                                 const std::stop_token& stop) {
  const fs::path path = path_for(final_path);
  while (true) {
    if (auto made = make_directories(path.parent_path()); !made)
      return std::unexpected(made.error());
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor < 0) return file_error("open", path);
    auto locked = lock(descriptor, path, on_wait, stop);
    if (locked && is_still_at(descriptor, path)) {
      return std::unique_ptr<PartFile>(new PartFile(final_path, descriptor, size_of(descriptor)));
    }
    close(descriptor);
    if (!locked) return std::unexpected(std::move(locked).error());
  }
}

PartFile::PartFile(fs::path final_path, int descriptor, std::uint64_t bytes)
    : final_path_(std::move(final_path)),
      path_(path_for(final_path_)),
      record_path_(path_.string() + ".json"),
      descriptor_(descriptor),
      bytes_(bytes) {
  if (auto record = read_part_record(record_path_)) {
    record_ = std::move(*record);
    has_record_ = true;
  }
}

PartFile::~PartFile() {
  if (!is_gone_ && bytes_ == 0) discard();
  close(descriptor_);
}

Result<void> PartFile::restart(PartRecord record) {
  if (auto emptied = truncate(0); !emptied) return emptied;
  record.synced = 0;
  record_ = std::move(record);
  has_record_ = true;
  return write_part_record(record_path_, record_);
}

Result<void> PartFile::truncate(std::uint64_t bytes) {
  if (ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) return file_error("shorten", path_);
  bytes_ = bytes;
  return {};
}

Result<void> PartFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(bytes_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error("write", path_, kFullDisk);
    bytes_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> PartFile::read(const std::function<bool(std::string_view piece)>& use) const {
  std::vector<char> buffer(std::size_t{1} << 20);
  std::uint64_t offset = 0;
  while (offset < bytes_) {
    const ssize_t got =
        pread(descriptor_, buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return file_error("read", path_);
    offset += static_cast<std::uint64_t>(got);
    if (!use(std::string_view(buffer.data(), static_cast<std::size_t>(got)))) return {};
  }
  return {};
}

Result<void> PartFile::sync() {
  if (fdatasync(descriptor_) != 0) return file_error("write", path_, kFullDisk);
  record_.synced = bytes_;
  return write_part_record(record_path_, record_);
}

Result<void> PartFile::publish() {
  if (fsync(descriptor_) != 0) return file_error("write", path_, kFullDisk);
  std::error_code error;
  fs::rename(path_, final_path_, error);
  if (error) {
    errno = error.value();
    return file_error("rename", path_);
  }
  is_gone_ = true;
  fs::remove(record_path_, error);
  fs::remove(record_path_.string() + ".tmp", error);
  sync_directory(final_path_.parent_path());
  return {};
}

void PartFile::discard() {
  std::error_code ignored;
  fs::remove(record_path_, ignored);
  fs::remove(record_path_.string() + ".tmp", ignored);
  fs::remove(path_, ignored);
  bytes_ = 0;
  is_gone_ = true;
}

}  // namespace shimmy::pull
