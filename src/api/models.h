// The lists of models: GET /v1/models, GET /v1/models/*, GET /api/models.
#pragma once

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

http::Handler list_models(const Dependencies& dependencies);         // OpenAI's shape
http::Handler retrieve_model(const Dependencies& dependencies);      // the first capture is the id
http::Handler list_native_models(const Dependencies& dependencies);  // the seeds' shape

}  // namespace shimmy::api
