// Is there room for what is to come?
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/error.h"

namespace shimmy::pull {

// Bytes that this user may still write below a directory that exists.
using FreeSpace =
    std::function<base::Result<std::uint64_t>(const std::filesystem::path& directory)>;

base::Result<std::uint64_t> free_space(const std::filesystem::path& directory);

// Fails with Io, naming both numbers, where `needed` bytes do not fit `directory` or its nearest
// parent that exists.
base::Result<void> check_space(const std::filesystem::path& directory, std::uint64_t needed,
                               const FreeSpace& free);

}  // namespace shimmy::pull
