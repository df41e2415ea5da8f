#include "api/replies.h"

#include <utility>

namespace shimmy::api {

http::Response json_response(std::string body, int status) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

http::Response error_response(protocol::ErrorReply reply) {
  http::Response response = json_response(std::move(reply.body), reply.status);
  if (reply.retry_after_seconds > 0)
    response.headers.push_back({"Retry-After", std::to_string(reply.retry_after_seconds)});
  if (reply.is_permanent) response.headers.push_back({"x-should-retry", "false"});
  return response;
}

}  // namespace shimmy::api
