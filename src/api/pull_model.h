// POST /api/models/pull and /api/models/pull/cancel.
#pragma once

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

// Blocks until the model is there: for a worker. With "stream" its progress comes as server-sent
// events. The pull ends when all that wait for it have left; what has come is kept for the next.
// 403 where the server was not told to allow it: a request must not make it use the network.
http::Handler pull_model(const Dependencies& dependencies);

http::Handler cancel_pull(const Dependencies& dependencies);

}  // namespace shimmy::api
