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

std::string encode_model(const ModelCard& card) {
  return fmt::format(R"({{"id":{},"name":{},"description":{},"size_bytes":{},"model_type":{},)"
                     R"("parameter_count":{},"quantization":{},"context_length":{},"source":{}}})",
                     json::quoted(card.id), json::quoted(card.title.empty() ? card.id : card.title),
                     json::quoted(description(card)), card.size_bytes,
                     json::quoted_or_null(card.architecture),
                     json::quoted_or_null(count_or_empty(card.parameters)),
                     json::quoted_or_null(card.quantization), card.context_tokens,
                     json::quoted_or_null(card.source));
}

}  // namespace

std::string encode_models(std::span<const ModelCard> cards) {
  std::string list;
  for (const ModelCard& card : cards) {
    if (!list.empty()) list += ',';
    list += encode_model(card);
  }
  return fmt::format(R"({{"models":[{}]}})", list);
}

}  // namespace shimmy::protocol::native
