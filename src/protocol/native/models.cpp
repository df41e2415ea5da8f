#include "protocol/native/models.h"

#include <fmt/format.h>

#include "base/quantity.h"
#include "protocol/json/text.h"

namespace shimmy::protocol::native {
namespace {

std::string count_or_empty(std::uint64_t parameters) {
  return parameters == 0 ? "" : base::human_count(parameters);
}

// "llama model, 134.5M parameters, Q4_1": whatever of it is known.
std::string description(const ModelCard& card) {
  std::string text = card.architecture.empty() ? "GGUF model" : card.architecture + " model";
  if (const std::string count = count_or_empty(card.parameters); !count.empty())
    text += fmt::format(", {} parameters", count);
  if (!card.quantization.empty()) text += ", " + card.quantization;
  return text;
}

std::string encode_model(const ModelCard& card, std::string_view status) {
  return fmt::format(
      R"({{"id":{},"name":{},"description":{},"size_bytes":{},"model_type":{},)"
      R"("parameter_count":{},"quantization":{},"context_length":{},"source":{}{}}})",
      json::quoted(card.id), json::quoted(card.title.empty() ? card.id : card.title),
      json::quoted(description(card)), card.size_bytes, json::quoted_or_null(card.architecture),
      json::quoted_or_null(count_or_empty(card.parameters)),
      json::quoted_or_null(card.quantization), card.context_tokens,
      json::quoted_or_null(card.source),
      status.empty() ? "" : fmt::format(R"(,"status":{})", status));
}

std::string encode_list(std::span<const ModelCard> cards, std::span<const std::string> statuses) {
  std::string list;
  for (std::size_t i = 0; i < cards.size(); ++i) {
    if (i > 0) list += ',';
    list += encode_model(cards[i], i < statuses.size() ? statuses[i] : "");
  }
  return list;
}

}  // namespace

std::string encode_models(std::span<const ModelCard> cards, std::span<const std::string> statuses) {
  return fmt::format(R"({{"models":[{}]}})", encode_list(cards, statuses));
}

std::string encode_discovery(const DiscoveryCard& card) {
  std::string broken;
  for (const BrokenCard& model : card.broken) {
    if (!broken.empty()) broken += ',';
    broken += fmt::format(R"({{"name":{},"source":{},"reason":{}}})", json::quoted(model.name),
                          json::quoted(model.source), json::quoted(model.reason));
  }
  return fmt::format(
      R"({{"discovered":{},"models":[{}],"added":[{}],"removed":[{}],"broken":[{}]}})",
      card.models.size(), encode_list(card.models, {}), json::quoted_list(card.added),
      json::quoted_list(card.removed), broken);
}

}  // namespace shimmy::protocol::native
