// The models of text-generation-webui, where it was unpacked in the home directory.
#pragma once

#include "models/stores/store.h"

namespace shimmy::models::stores {

Store text_generation_webui_store();

}  // namespace shimmy::models::stores
