// Errors as shimmy's own API words them: codes model_not_found, invalid_request, generation_failed
// and server_error.
#pragma once

#include <string_view>

#include "base/error.h"
#include "protocol/error_reply.h"

namespace shimmy::protocol::native {

ErrorReply encode_error(const base::Error& error);

// For what the HTTP layer found wrong: an unknown path, a wrong method, a body too large.
ErrorReply encode_http_error(int status, std::string_view message);

}  // namespace shimmy::protocol::native
