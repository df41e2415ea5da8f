// Where a redirect may lead, and what may be taken along.
#pragma once

#include <optional>

#include "base/error.h"
#include "transfer/http_client.h"

namespace shimmy::transfer {

bool is_redirect(const ResponseHead& head);

// The request that follows `request` after the redirect `head`. Credentials stay behind where the
// origin (scheme, host, port) changes. 303, and 301 or 302 after a POST, become a GET without a
// body. Fails with Unavailable (reason "redirect") where it leads from https to http, from a Unix
// socket to a host, or to no address.
base::Result<Request> redirected(const Request& request, const ResponseHead& head);

}  // namespace shimmy::transfer
