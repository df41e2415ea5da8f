#include "protocol/native/models.h"

#include <fmt/format.h>

#include "protocol/json/text.h"

namespace shimmy::protocol::native {
namespace {

// "134.5M", "7.2B"; empty when unknown.
std::string short_count(std::uint64_t parameters) {
  const auto count = static_cast<double>(parameters);
  if (parameters == 0) return {};
  if (parameters >= 1'000'000'000) return fmt::format("{:.1f}B", count / 1e9);
  if (parameters >= 1'000'000) return fmt::format("{:.1f}M", count / 1e6);
  return std::to_string(parameters);
}

// "llama model, 134.5M parameters, Q4_1": whatever of it is known.
std::string description(const ModelCard& card) {
  std::string text = card.architecture.empty() ? "GGUF model" : card.architecture + " model";
  if (const std::string count = short_count(card.parameters); !count.empty())
    text += fmt::format(", {} parameters", count);
  if (!card.quantization.empty()) text += ", " + card.quantization;
  return text;
}

std::string encode_model(const ModelCard& card) {
  return fmt::format(
      R"({{"id":{},"name":{},"description":{},"size_bytes":{},"model_type":{},)"
      R"("parameter_count":{},"quantization":{},"context_length":{},"source":{}}})",
      json::quoted(card.id), json::quoted(card.title.empty() ? card.id : card.title),
      json::quoted(description(card)), card.size_bytes, json::quoted_or_null(card.architecture),
      json::quoted_or_null(short_count(card.parameters)), json::quoted_or_null(card.quantization),
      card.context_tokens, json::quoted_or_null(card.source));
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
