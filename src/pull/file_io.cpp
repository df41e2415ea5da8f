#include "pull/file_io.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

namespace shimmy::pull {

using base::ErrorCode;
using base::Result;
namespace fs = std::filesystem;

std::unexpected<base::Error> file_error(std::string_view verb, const fs::path& file,
                                        std::string_view remedy) {
  const int reason = errno;
  return base::fail(ErrorCode::Io, "Cannot {} {}: {}.{}{}", verb, file.string(),
                    std::strerror(reason), remedy.empty() ? "" : " ", remedy);
}

std::optional<std::string> read_small_file(const fs::path& file) {
  constexpr std::uintmax_t max_bytes = 8 << 20;
  std::error_code error;
  if (!fs::is_regular_file(file, error) || fs::file_size(file, error) > max_bytes || error)
    return {};
  std::ifstream stream(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(stream), {});
  if (!stream) return {};
  return text;
}

Result<void> replace_file(const fs::path& file, std::string_view bytes) {
  const fs::path temporary = file.string() + ".tmp";
  {
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    stream << bytes;
    stream.flush();
    if (!stream) return file_error("write", temporary);
  }
  std::error_code error;
  fs::rename(temporary, file, error);
  if (!error) return {};
  errno = error.value();
  return file_error("write", file);
}

void sync_directory(const fs::path& directory) {
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

Result<void> make_directories(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error) return {};
  errno = error.value();
  return file_error("make the directory", directory, "Choose another one with --dir.");
}

}  // namespace shimmy::pull
