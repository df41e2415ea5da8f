// What a pull has written beside a model: model.gguf.origin.json, see decision 0021.
#pragma once

#include "models/stores/store.h"

namespace shimmy::models {

// Gives the file the names that it was pulled by, and what its registry says goes with it. Nothing
// where there is no such record, or one that cannot be understood.
void add_origin(stores::FoundFile& file);

}  // namespace shimmy::models
