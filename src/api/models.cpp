#include "api/models.h"

#include <algorithm>
#include <string>
#include <vector>

#include "api/model_cards.h"
#include "api/replies.h"
#include "protocol/native/models.h"
#include "protocol/openai/errors.h"
#include "protocol/openai/models.h"

namespace shimmy::api {
namespace {

// Of each entry; the models that are not in memory have no status of their own.
std::vector<std::string> statuses_of(const std::vector<models::ModelEntry>& entries,
                                     const std::vector<pool::ModelStatus>& known) {
  std::vector<std::string> statuses;
  for (const models::ModelEntry& entry : entries) {
    const auto found = std::ranges::find(known, entry.name, &pool::ModelStatus::name);
    pool::ModelStatus unloaded;
    unloaded.name = entry.name;
    unloaded.context_limit = entry.defaults.load.context_tokens.value_or(entry.context_tokens);
    statuses.push_back(
        protocol::native::encode_status(card_of(found != known.end() ? *found : unloaded)));
  }
  return statuses;
}

}  // namespace

http::Handler list_models(const Dependencies& dependencies) {
  return [&models = dependencies.models](const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond(json_response(protocol::openai::encode_models(cards_of(models.list()))));
  };
}

http::Handler retrieve_model(const Dependencies& dependencies) {
  return [&models = dependencies.models](const std::shared_ptr<http::Exchange>& exchange) {
    auto entry = models.find(exchange->request().captures.at(0));
    exchange->respond(entry ? json_response(protocol::openai::encode_model(card_of(*entry)))
                            : error_response(protocol::openai::encode_error(entry.error())));
  };
}

http::Handler list_native_models(const Dependencies& dependencies) {
  return [&models = dependencies.models,
          &control = dependencies.control](const std::shared_ptr<http::Exchange>& exchange) {
    const std::vector<models::ModelEntry> entries = models.list();
    exchange->respond(json_response(protocol::native::encode_models(
        cards_of(entries), statuses_of(entries, control.statuses()))));
  };
}

}  // namespace shimmy::api
