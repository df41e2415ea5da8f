// POST /v1/embeddings.
#pragma once

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

// May block while a model is loaded and the inputs tokenized: for a worker.
http::Handler embeddings(const Dependencies& dependencies);

}  // namespace shimmy::api
