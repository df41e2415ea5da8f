// Is a file what it should be?
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::pull {

using OnVerified = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Of a whole file. Blocks; fails with Io, and with Cancelled when `stop` is requested.
base::Result<std::string> sha256_of(const std::filesystem::path& file,
                                    const OnVerified& on_progress, const std::stop_token& stop);

// The first bytes of what should be a GGUF file: fails with Io, guessing what it is instead. `what`
// names the file. Fewer than four bytes are not judged.
base::Result<void> check_beginning(std::string_view bytes, std::string_view what);

}  // namespace shimmy::pull
