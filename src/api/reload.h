// POST /api/reload: the configuration is read again.
#pragma once

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

// Reads files: for a worker. A configuration with mistakes changes nothing and is a 400.
http::Handler reload(const Dependencies& dependencies);

}  // namespace shimmy::api
