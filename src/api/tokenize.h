// POST /tokenize, /detokenize and /apply-template: what a model reads.
#pragma once

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

// All may block while a model is loaded: for a worker. Without "model" the only one there is
// counts.
http::Handler tokenize(const Dependencies& dependencies);
http::Handler detokenize(const Dependencies& dependencies);
http::Handler apply_template(const Dependencies& dependencies);

}  // namespace shimmy::api
