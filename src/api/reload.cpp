#include "api/reload.h"

#include "api/replies.h"
#include "protocol/native/errors.h"

namespace shimmy::api {

http::Handler reload(const Dependencies& dependencies) {
  return [reload = dependencies.reload](const std::shared_ptr<http::Exchange>& exchange) {
    const auto card = reload();
    exchange->respond(card ? json_response(protocol::native::encode_reload(*card))
                           : error_response(protocol::native::encode_error(card.error())));
  };
}

}  // namespace shimmy::api
