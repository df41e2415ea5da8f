// Jan's directory: llamacpp/models/<name>/model.gguf, and models/<name>/<file>.gguf of old
// versions.
#pragma once

#include "models/store.h"

namespace shimmy::models {

Store jan_store();

}  // namespace shimmy::models
