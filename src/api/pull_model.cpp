#include "api/pull_model.h"

#include <fmt/format.h>

#include <utility>

#include "api/progress_stream.h"
#include "api/replies.h"
#include "protocol/native/errors.h"

namespace shimmy::api {
namespace {

namespace native = protocol::native;

using ExchangePointer = std::shared_ptr<http::Exchange>;
using Action = std::function<void(ModelPuller&, const ExchangePointer&, native::PullRequest)>;

void refuse(http::Exchange& exchange, const base::Error& error) {
  exchange.respond(error_response(native::encode_error(error)));
}

void pull_streamed(ModelPuller& puller, const ExchangePointer& exchange,
                   const native::PullRequest& wanted) {
  ProgressStream stream(exchange);
  const auto outcome = puller.pull(
      wanted,
      [&stream](const native::PullProgress& progress) {
        stream.send(native::encode_pull_progress(progress));
      },
      stop_with(exchange));
  if (outcome) stream.finish(native::encode_pull_outcome(*outcome));
  else stream.fail(native::encode_error(outcome.error()));
}

void pull(ModelPuller& puller, const ExchangePointer& exchange, const native::PullRequest& wanted) {
  if (wanted.stream) return pull_streamed(puller, exchange, wanted);
  const auto outcome = puller.pull(wanted, [](const native::PullProgress&) {}, stop_with(exchange));
  if (!outcome) return refuse(*exchange, outcome.error());
  exchange->respond(json_response(native::encode_pull_outcome(*outcome)));
}

void cancel(ModelPuller& puller, const ExchangePointer& exchange,
            const native::PullRequest& wanted) {
  if (puller.cancel(wanted.model)) {
    return exchange->respond(json_response(native::encode_pull_cancelled(wanted.model)));
  }
  refuse(*exchange, {base::ErrorCode::ModelNotFound,
                     fmt::format("No pull of \"{}\" is running.", wanted.model),
                     {},
                     "model"});
}

http::Handler where_allowed(ModelPuller* puller, Action action) {
  return [puller, action = std::move(action)](const ExchangePointer& exchange) {
    if (puller == nullptr) {
      return exchange->respond(error_response(native::encode_http_error(
          403,
          "Requests must not make this server use the network. Start it with --allow-pull, or "
          "run shimmy pull.")));
    }
    auto wanted = native::decode_pull_request(exchange->request().body);
    if (!wanted) return refuse(*exchange, wanted.error());
    action(*puller, exchange, std::move(*wanted));
  };
}

}  // namespace

http::Handler pull_model(const Dependencies& dependencies) {
  return where_allowed(dependencies.puller, pull);
}

http::Handler cancel_pull(const Dependencies& dependencies) {
  return where_allowed(dependencies.puller, cancel);
}

}  // namespace shimmy::api
