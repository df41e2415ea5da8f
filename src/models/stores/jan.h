// Jan's directory: llamacpp/models/<name>/model.gguf, models/<name>/<file>.gguf of old versions,
// and what was imported from elsewhere.
#pragma once

#include "models/stores/store.h"

namespace shimmy::models::stores {

Store jan_store();

}  // namespace shimmy::models::stores
