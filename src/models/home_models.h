// ~/models, which belongs to no program.
#pragma once

#include "models/store.h"

namespace shimmy::models {

Store home_models_store();

}  // namespace shimmy::models
