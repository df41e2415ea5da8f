// Loading and unloading while the server runs: /api/models/{name}/load, /unload and /status, and
// /api/models/discover. The first capture of each route but the last is the model's name.
#pragma once

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

// Blocks until the model is loaded: for a worker. With "stream" its progress comes as server-sent
// events. A client that leaves stops waiting; others that wait for the same load are not affected.
http::Handler load_model(const Dependencies& dependencies);

// Blocks until the model's requests have finished; "?force=true" cancels them.
http::Handler unload_model(const Dependencies& dependencies);

http::Handler model_status(const Dependencies& dependencies);

// Reads the model directories again.
http::Handler discover_models(const Dependencies& dependencies);

}  // namespace shimmy::api
