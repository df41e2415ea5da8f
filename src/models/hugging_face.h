// The cache of the Hugging Face hub: models--<org>--<repo>/{refs,snapshots/<revision>,blobs}.
#pragma once

#include "models/store.h"

namespace shimmy::models {

Store hugging_face_store();

}  // namespace shimmy::models
