// ~/models, which belongs to no program.
#pragma once

#include "models/stores/store.h"

namespace shimmy::models::stores {

Store home_models_store();

}  // namespace shimmy::models::stores
