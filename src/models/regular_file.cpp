#include "models/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/escape.h"
#include "base/quantity.h"

namespace shimmy::models {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

std::unexpected<base::Error> cannot_open(const std::string& shown, int error) {
  const ErrorCode code = error == ENOENT ? ErrorCode::ModelNotFound : ErrorCode::Io;
  return fail(code, "{} cannot be opened: {}.", shown, std::generic_category().message(error));
}

}  // namespace

Result<RegularFile> RegularFile::open(const std::filesystem::path& path) {
  const std::string shown = base::escape_control(path.native());
  // O_NONBLOCK: opening a named pipe must not wait for its other end.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return cannot_open(shown, errno);
  RegularFile file(descriptor, 0);
  struct stat status{};
  if (fstat(descriptor, &status) != 0) return cannot_open(shown, errno);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::ModelLoadFailed, "{} is {}, not a file.", shown,
                kind_of(status.st_mode));
  }
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

RegularFile::~RegularFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

RegularFile::RegularFile(RegularFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

RegularFile& RegularFile::operator=(RegularFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

std::size_t RegularFile::read(std::span<std::byte> bytes, std::uint64_t offset) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = pread(descriptor_, bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<std::string> read_text(const std::filesystem::path& path, std::size_t limit) {
  const auto file = RegularFile::open(path);
  if (!file) return std::unexpected(file.error());
  if (file->size() > limit) {
    return fail(ErrorCode::ModelLoadFailed, "{} is larger ({}) than such a file can be ({}).",
                base::escape_control(path.native()), base::human_bytes(file->size()),
                base::human_bytes(limit));
  }
  std::string text(file->size(), '\0');
  text.resize(file->read(std::as_writable_bytes(std::span(text)), 0));
  return text;
}

}  // namespace shimmy::models
