// Keeps foreign web pages from changing anything: they can send requests though they cannot read
// the answers.
#pragma once

#include "http/middleware.h"
#include "http/origin.h"

namespace shimmy::http {

// Answers 403 to a request that could change something, or asks for a WebSocket, and comes from an
// origin that is not allowed. Requests without an Origin header do not come from a page.
Middleware origin_guard(AllowedOrigins origins);

}  // namespace shimmy::http
