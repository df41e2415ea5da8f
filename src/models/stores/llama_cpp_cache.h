// The download cache of llama.cpp: <org>_<repo>_<file>.gguf beside
// manifest=<org>=<repo>=<tag>.json.
#pragma once

#include "models/stores/store.h"

namespace shimmy::models::stores {

Store llama_cpp_store();

}  // namespace shimmy::models::stores
