// POST /v1/completions.
#pragma once

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

// May block while a model is loaded and prompts are tokenized: for a worker.
http::Handler completions(const Dependencies& dependencies);

}  // namespace shimmy::api
