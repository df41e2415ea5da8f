#include "api/models.h"

#include <fmt/format.h>

#include "api/replies.h"
#include "base/near_names.h"
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

base::Error unknown_model(const std::string& id, const std::vector<models::ModelEntry>& entries) {
  std::vector<std::string> names;
  for (const models::ModelEntry& entry : entries) names.push_back(entry.name);
  std::string hint;
  for (const std::string& near : base::near_names(id, names))
    hint += fmt::format("{}'{}'", hint.empty() ? " Did you mean " : " or ", near);
  if (!hint.empty()) hint += "?";
  return {base::ErrorCode::ModelNotFound,
          fmt::format("The model '{}' does not exist.{}", id, hint),
          {},
          "model"};
}

}  // namespace

http::Handler list_models(const Dependencies& dependencies) {
  return [&models = dependencies.models](const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond(json_response(protocol::openai::encode_models(cards_of(models.list()))));
  };
}

http::Handler retrieve_model(const Dependencies& dependencies) {
  return [&models = dependencies.models](const std::shared_ptr<http::Exchange>& exchange) {
    const std::string& id = exchange->request().captures.at(0);
    const std::vector<models::ModelEntry> entries = models.list();
    for (const models::ModelEntry& entry : entries) {
      if (entry.name != id) continue;
      return exchange->respond(json_response(protocol::openai::encode_model(card_of(entry))));
    }
    exchange->respond(error_response(protocol::openai::encode_error(unknown_model(id, entries))));
  };
}

http::Handler list_native_models(const Dependencies& dependencies) {
  return [&models = dependencies.models](const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond(json_response(protocol::native::encode_models(cards_of(models.list()))));
  };
}

}  // namespace shimmy::api
