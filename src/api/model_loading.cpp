#include "api/model_loading.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "api/keep_alive.h"
#include "api/model_cards.h"
#include "api/progress_stream.h"
#include "api/replies.h"
#include "protocol/native/errors.h"
#include "protocol/native/load_request.h"
#include "protocol/native/models.h"

namespace shimmy::api {
namespace {

namespace native = protocol::native;

using base::Result;
using ExchangePointer = std::shared_ptr<http::Exchange>;

models::LoadOptions options_of(const native::LoadRequest& wanted) {
  return {.context_tokens = wanted.context_tokens,
          .parallel = wanted.parallel,
          .key_type = wanted.key_type,
          .value_type = wanted.value_type,
          .gpu_layers = wanted.gpu_layers,
          .pinned = wanted.pinned,
          .keep_alive = keep_alive_of(wanted.keep_alive_seconds)};
}

std::string outcome(const pool::ModelStatus& status) {
  const native::StatusCard card = card_of(status);
  return native::encode_outcome(
      fmt::format("The model {} is {}.", status.name, card.is_loaded ? "loaded" : card.state),
      card);
}

void answer(http::Exchange& exchange, const Result<pool::ModelStatus>& status) {
  exchange.respond(status ? json_response(outcome(*status))
                          : error_response(native::encode_error(status.error())));
}

// True for "?force", "?force=true" and "?force=1".
Result<bool> is_forced(std::string_view query) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair == "force" || pair == "force=true" || pair == "force=1") return true;
    if (pair.starts_with("force=") && pair != "force=false" && pair != "force=0") {
      return base::fail_field("force", "'force' is true or false, not \"{}\".", pair.substr(6));
    }
  }
  return false;
}

std::string encode(const Discovery& discovery) {
  native::DiscoveryCard card;
  card.models = cards_of(discovery.models);
  card.added = discovery.added;
  card.removed = discovery.removed;
  for (const models::BrokenModel& broken : discovery.broken) {
    card.broken.push_back({broken.name, broken.source, broken.public_reason});
  }
  return native::encode_discovery(card);
}

void progress_streamed(ModelControl& control, const ExchangePointer& exchange,
                       const models::LoadOptions& options) {
  ProgressStream stream(exchange);
  const auto progress = [&stream](float done) {
    stream.progress("loading", done);
    return true;
  };
  const auto status =
      control.load(exchange->request().captures.at(0), options, progress, stop_with(exchange));
  if (status) stream.finish(outcome(*status));
  else stream.fail(native::encode_error(status.error()));
}

}  // namespace

http::Handler load_model(const Dependencies& dependencies) {
  return [&control = dependencies.control](const ExchangePointer& exchange) {
    const auto wanted = native::decode_load_request(exchange->request().body);
    if (!wanted) return exchange->respond(error_response(native::encode_error(wanted.error())));
    const models::LoadOptions options = options_of(*wanted);
    if (wanted->stream) return progress_streamed(control, exchange, options);
    answer(*exchange,
           control.load(exchange->request().captures.at(0), options, {}, stop_with(exchange)));
  };
}

http::Handler unload_model(const Dependencies& dependencies) {
  return [&control = dependencies.control](const ExchangePointer& exchange) {
    const auto forced = is_forced(exchange->request().query);
    if (!forced) return exchange->respond(error_response(native::encode_error(forced.error())));
    answer(*exchange, control.unload(exchange->request().captures.at(0),
                                     *forced ? Unload::Force : Unload::Drain, stop_with(exchange)));
  };
}

http::Handler model_status(const Dependencies& dependencies) {
  return [&control = dependencies.control](const ExchangePointer& exchange) {
    const auto status = control.status(exchange->request().captures.at(0));
    exchange->respond(status ? json_response(native::encode_status(card_of(*status)))
                             : error_response(native::encode_error(status.error())));
  };
}

http::Handler discover_models(const Dependencies& dependencies) {
  return [&control = dependencies.control](const ExchangePointer& exchange) {
    exchange->respond(json_response(encode(control.discover())));
  };
}

}  // namespace shimmy::api
