// What every setting comes to, and who says so.
#pragma once

#include <string>

#include "app/options.h"

namespace shimmy::app {

// Secrets are only counted.
std::string config_text(const ServeOptions& options);  // as the file would have it, a line each
std::string config_json(const ServeOptions& options);  // one object, and a newline

}  // namespace shimmy::app
