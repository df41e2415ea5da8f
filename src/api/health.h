// Is the server there, and ready? GET /api/health, /health, /ready, /live, /api/version, /.
#pragma once

#include <string_view>

#include "api/dependencies.h"
#include "http/exchange.h"

namespace shimmy::api {

// Numbers about the server, 503 while it is not ready. `status` is what "status" says when all is
// well: clients of the two paths expect different words.
http::Handler health(const Dependencies& dependencies, std::string_view status);

// GET /api/version: which shimmy this is.
http::Handler version(const Dependencies& dependencies);

// GET /: a line for people who open the address in a browser, and for clients that look whether
// anybody is there.
http::Handler greeting(const Dependencies& dependencies);

// 200 as soon as the server answers at all.
http::Handler live();

}  // namespace shimmy::api
