// GPT4All's directory of model files.
#pragma once

#include "models/store.h"

namespace shimmy::models {

Store gpt4all_store();

}  // namespace shimmy::models
