// POST /v1/rerank.
#pragma once

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

// May block while a model is loaded and the texts tokenized: for a worker.
http::Handler rerank(const Dependencies& dependencies);

}  // namespace shimmy::api
