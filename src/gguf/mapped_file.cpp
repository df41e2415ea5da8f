#include "gguf/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "base/escape.h"

namespace shimmy::gguf {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

std::string reason(int error) { return std::generic_category().message(error); }

// "a directory", …; empty for a regular file.
std::string_view other_kind(mode_t mode) {
  if (S_ISREG(mode)) return {};
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

base::Result<std::shared_ptr<const MappedFile>> MappedFile::open(
    const std::filesystem::path& path) {
  const std::string shown = base::escape_control(path.native());
  // O_NONBLOCK: opening a named pipe must not wait for its other end.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) {
    return base::fail(base::ErrorCode::Io, "{} cannot be opened: {}.", shown, reason(errno));
  }
  struct stat facts{};
  if (fstat(file.number(), &facts) != 0) {
    return base::fail(base::ErrorCode::Io, "{} cannot be examined: {}.", shown, reason(errno));
  }
  if (const auto kind = other_kind(facts.st_mode); !kind.empty()) {
    return base::fail(base::ErrorCode::ModelLoadFailed,
                      "{} is {}, not a file. Give the path of a .gguf file.", shown, kind);
  }
  if (facts.st_size == 0) {
    return base::fail(base::ErrorCode::ModelLoadFailed,
                      "{} is empty. The download was probably cut off: get it again.", shown);
  }
  const auto size = static_cast<std::size_t>(facts.st_size);
  void* start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (start == MAP_FAILED) {
    return base::fail(base::ErrorCode::Io, "{} cannot be mapped into memory: {}.", shown,
                      reason(errno));
  }
  return std::shared_ptr<const MappedFile>(new MappedFile({static_cast<std::byte*>(start), size}));
}

MappedFile::~MappedFile() { munmap(bytes_.data(), bytes_.size()); }

}  // namespace shimmy::gguf
