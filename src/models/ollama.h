// Ollama's store: manifests/<host>/<namespace>/<model>/<tag> and blobs/sha256-<digest>.
#pragma once

#include "models/store.h"

namespace shimmy::models {

Store ollama_store();

}  // namespace shimmy::models
