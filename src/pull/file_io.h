// Small files as a whole, and failures of files as Errors.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::pull {

// Io with the reason that errno names: "Cannot write /x: No space left on device. <remedy>".
std::unexpected<base::Error> file_error(std::string_view verb, const std::filesystem::path& file,
                                        std::string_view remedy = {});

// Empty where it cannot be read, or has more than 8 MiB.
std::optional<std::string> read_small_file(const std::filesystem::path& file);

// Replaces the file as a whole, by way of `<file>.tmp`: a reader sees the old or the new one. Fails
// with Io.
base::Result<void> replace_file(const std::filesystem::path& file, std::string_view bytes);

// Makes renames in a directory last through a power cut; nothing where that is not possible.
void sync_directory(const std::filesystem::path& directory);

// With the parents. Fails with Io.
base::Result<void> make_directories(const std::filesystem::path& directory);

}  // namespace shimmy::pull
