// The table of all endpoints.
#pragma once

#include <vector>

#include "api/dependencies.h"
#include "http/router.h"
#include "http/server.h"

namespace shimmy::api {

std::vector<http::Route> routes(const Dependencies& dependencies);

// What http/ itself finds wrong, in the error shape of the path's dialect: OpenAI's below /v1, the
// native one elsewhere. An http::ErrorRenderer.
http::Response render_error(const http::Request& request, const http::Problem& problem);

}  // namespace shimmy::api
