// Is the server there, and ready? GET /api/health, /health, /ready, /live.
#pragma once

#include <string_view>

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

// Numbers about the server, 503 while it is not ready. `status` is what "status" says when all is
// well: clients of the two paths expect different words.
http::Handler health(const Dependencies& dependencies, std::string_view status);

// 200 as soon as the server answers at all.
http::Handler live();

}  // namespace shimmy::api
