// Files that flags name.
#pragma once

#include <string>

#include "base/error.h"

namespace shimmy::app {

// The whole file, at most 1 MiB. Fails with Io.
base::Result<std::string> read_text_file(const std::string& path);

}  // namespace shimmy::app
