#include "protocol/openai/models.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

#include "protocol/json/text.h"

namespace shimmy::protocol::openai {

std::string encode_model(const ModelCard& card) {
  const std::chrono::sys_seconds created{std::chrono::seconds(card.created)};
  return fmt::format(
      R"({{"id":{},"object":"model","created":{},"owned_by":"shimmy","type":"model",)"
      R"("display_name":{},"created_at":"{:%Y-%m-%dT%H:%M:%S}Z","context_length":{},)"
      R"("max_model_len":{},"meta":{{"architecture":{},"quantization":{},"parameters":{},)"
      R"("size_bytes":{}}}}})",
      json::quoted(card.id), card.created, json::quoted(card.title.empty() ? card.id : card.title),
      created, card.context_tokens, card.context_tokens, json::quoted_or_null(card.architecture),
      json::quoted_or_null(card.quantization), card.parameters, card.size_bytes);
}

std::string encode_models(std::span<const ModelCard> cards) {
  std::string list;
  for (const ModelCard& card : cards) {
    if (!list.empty()) list += ',';
    list += encode_model(card);
  }
  return fmt::format(
      R"({{"object":"list","data":[{}],"has_more":false,"first_id":{},"last_id":{}}})", list,
      cards.empty() ? "null" : json::quoted(cards.front().id),
      cards.empty() ? "null" : json::quoted(cards.back().id));
}

}  // namespace shimmy::protocol::openai
