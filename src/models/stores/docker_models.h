// The store of Docker Model Runner: models.json, manifests/sha256/<digest>, blobs/sha256/<digest>.
#pragma once

#include "models/stores/store.h"

namespace shimmy::models::stores {

Store docker_store();

}  // namespace shimmy::models::stores
