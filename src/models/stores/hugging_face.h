// The cache of the Hugging Face hub: models--<org>--<repo>/{refs,snapshots/<revision>,blobs}.
#pragma once

#include "models/stores/store.h"

namespace shimmy::models::stores {

Store hugging_face_store();

}  // namespace shimmy::models::stores
