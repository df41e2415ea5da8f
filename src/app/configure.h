// From flags, variables and the configuration file to the options that they make.
#pragma once

#include "app/options.h"
#include "base/error.h"
#include "models/model_dirs.h"

namespace shimmy::app {

// A flag outweighs a variable, a variable the file, the file the default. Reads the configuration
// file, and the files of keys and templates. Fails with InvalidRequest (the details name every
// problem of the file, with line and column) or Io.
base::Result<ServeOptions> configure(const ConfigSources& sources,
                                     const models::Environment& environment);

}  // namespace shimmy::app
