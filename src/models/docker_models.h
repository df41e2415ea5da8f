// The store of Docker Model Runner: models.json, manifests/sha256/<digest>, blobs/sha256/<digest>.
#pragma once

#include "models/store.h"

namespace shimmy::models {

Store docker_store();

}  // namespace shimmy::models
