// POST /v1/chat/completions.
#pragma once

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

// May block while a model is loaded and the prompt tokenized: for a worker.
http::Handler chat_completions(const Dependencies& dependencies);

}  // namespace shimmy::api
