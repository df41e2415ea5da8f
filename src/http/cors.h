// Tells browsers which web pages may read the answers (Fetch standard, "CORS protocol").
#pragma once

#include "http/middleware.h"
#include "http/origin.h"

namespace shimmy::http {

// Answers preflights, on any path, with 204; names the origin in every answer to an allowed one.
Middleware cors(AllowedOrigins origins);

}  // namespace shimmy::http
