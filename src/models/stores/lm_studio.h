// LM Studio's directory: <publisher>/<repository>/<file>.gguf.
#pragma once

#include "models/stores/store.h"

namespace shimmy::models::stores {

Store lm_studio_store();

}  // namespace shimmy::models::stores
