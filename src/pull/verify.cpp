#include "pull/verify.h"

#include <fmt/core.h>

#include <fstream>
#include <span>
#include <system_error>
#include <vector>

#include "gguf/foreign_file.h"
#include "pull/file_io.h"
#include "pull/sha256.h"

namespace shimmy::pull {

using base::ErrorCode;
using base::Result;
namespace fs = std::filesystem;

Result<std::string> sha256_of(const fs::path& file, const OnVerified& on_progress,
                              const std::stop_token& stop) {
  std::error_code error;
  const std::uint64_t total = fs::file_size(file, error);
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream) return file_error("read", file);
  Sha256 hash;
  std::vector<char> buffer(std::size_t{1} << 20);
  std::uint64_t done = 0;
  while (stream) {
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto got = static_cast<std::size_t>(stream.gcount());
    hash.add(std::string_view(buffer.data(), got));
    done += got;
    if (on_progress) on_progress(done, total);
    if (stop.stop_requested()) {
      return base::fail(ErrorCode::Cancelled, "Stopped while {} was verified.", file.string());
    }
  }
  if (stream.bad() || done != total) return file_error("read", file);
  return hash.finish();
}

Result<void> check_beginning(std::string_view bytes, std::string_view what) {
  if (bytes.size() < 4 || bytes.starts_with("GGUF")) return {};
  const std::string_view kind =
      gguf::foreign_kind(std::as_bytes(std::span(bytes.data(), bytes.size())));
  return base::fail(ErrorCode::Io, "{} is no GGUF file{}{}. Check the address.", what,
                    kind.empty() ? "" : ": it looks like ", kind);
}

}  // namespace shimmy::pull
