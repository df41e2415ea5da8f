#include "app/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace shimmy::app {

base::Result<std::string> read_text_file(const std::string& path) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 20;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return base::fail(base::ErrorCode::Io, "The file {} cannot be read: {}.", path,
                      std::strerror(errno));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() <= kMostBytes) return text;
  return base::fail(base::ErrorCode::Io, "The file {} has more than {} bytes: is it the right one?",
                    path, kMostBytes);
}

}  // namespace shimmy::app
