// Variables of the environment in texts of the configuration file.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "models/model_dirs.h"

namespace shimmy::app {

// With ${NAME} replaced by that variable; $${ stands for ${ itself. Fails with InvalidRequest for a
// variable that is not set.
base::Result<std::string> interpolated(std::string_view text,
                                       const models::Environment& environment);

}  // namespace shimmy::app
