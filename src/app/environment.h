// The process environment.
#pragma once

#include "models/model_dirs.h"

namespace shimmy::app {

using models::Environment;

// Not to be called while another thread changes the environment; nothing here does.
Environment process_environment();

}  // namespace shimmy::app
