#include "api/models.h"

#include "api/replies.h"
#include "protocol/native/models.h"
#include "protocol/openai/errors.h"
#include "protocol/openai/models.h"

namespace shimmy::api {
namespace {

protocol::ModelCard card_of(const models::ModelEntry& entry) {
  return {.id = entry.name,
          .title = entry.title,
          .created = entry.modified,
          .source = entry.source,
          .architecture = entry.architecture,
          .quantization = entry.quantization,
          .parameters = entry.parameters,
          .size_bytes = entry.size_bytes,
          .context_tokens = entry.context_tokens};
}

std::vector<protocol::ModelCard> cards_of(const std::vector<models::ModelEntry>& entries) {
  std::vector<protocol::ModelCard> cards;
  cards.reserve(entries.size());
  for (const models::ModelEntry& entry : entries) cards.push_back(card_of(entry));
  return cards;
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
  return [&models = dependencies.models](const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond(json_response(protocol::native::encode_models(cards_of(models.list()))));
  };
}

}  // namespace shimmy::api
