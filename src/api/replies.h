// Whole HTTP answers made of what protocol/ wrote.
#pragma once

#include <string>

#include "http/message.h"
#include "protocol/error_reply.h"

namespace shimmy::api {

http::Response json_response(std::string body, int status = 200);

http::Response error_response(protocol::ErrorReply reply);

}  // namespace shimmy::api
