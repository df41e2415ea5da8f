// A model that is not on this machine but can be had: asks whether to pull it.
#pragma once

#include <string>

#include "base/error.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

// For the name of a model that was not found, which is what `missing` says. On a terminal: asks,
// pulls it, and gives what the model is called now; blocks meanwhile. Fails with `missing` where
// it is no name to pull, nobody can be asked (then with the command that pulls it) or the user does
// not want it; else as a pull does.
base::Result<std::string> offer_pull(const std::string& name, base::Error missing,
                                     Terminal& terminal, const Services& services);

}  // namespace shimmy::cli
