// A configuration file to begin with.
#pragma once

#include <string>

#include "base/error.h"

namespace shimmy::app {

// Every setting with what it means, all commented out.
std::string config_example();

// Makes the directories it needs, for the user alone. Fails with InvalidRequest where there is such
// a file already, or Io.
base::Result<void> write_config_example(const std::string& path);

}  // namespace shimmy::app
