// Talking to a model in this process.
#pragma once

#include <memory>

#include "app/chat_model.h"
#include "generation/engine.h"
#include "models/model_entry.h"

namespace shimmy::app {

// Follows the defaults that the entry brings, where a question says nothing. Fails where the
// model's chat template cannot be read.
base::Result<std::unique_ptr<ChatModel>> local_chat(const models::ModelEntry& entry,
                                                    std::shared_ptr<generation::Engine> engine);

// Sets what `defaults` say about sampling and length; stops are added.
void apply(const models::ModelDefaults& defaults, generation::Request& request);

}  // namespace shimmy::app
