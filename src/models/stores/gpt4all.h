// GPT4All's directory of model files.
#pragma once

#include "models/stores/store.h"

namespace shimmy::models::stores {

Store gpt4all_store();

}  // namespace shimmy::models::stores
