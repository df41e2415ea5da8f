// Ollama's store: manifests/<host>/<namespace>/<model>/<tag> and blobs/sha256-<digest>.
#pragma once

#include "models/stores/store.h"

namespace shimmy::models::stores {

Store ollama_store();

}  // namespace shimmy::models::stores
