// LM Studio's directory: <publisher>/<repository>/<file>.gguf.
#pragma once

#include "models/store.h"

namespace shimmy::models {

Store lm_studio_store();

}  // namespace shimmy::models
