#include "protocol/openai/embedding_request.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "protocol/json/fields.h"
#include "protocol/json/keep_alive.h"
#include "protocol/openai/sampling.h"
#include "protocol/openai/token_input.h"

namespace shimmy::protocol::openai {
namespace {

using json::Fields;

std::vector<TextOrTokens> decode_inputs(Fields& fields) {
  if (fields.find("input") == nullptr) fields.fail_missing("input");
  std::vector<TextOrTokens> inputs = decode_token_input(fields, "input");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto* text = std::get_if<std::string>(&inputs[i]);
    if (text == nullptr || !text->empty()) continue;
    std::string path =
        fields.find("input")->is_array() ? fmt::format("input[{}]", i) : std::string("input");
    std::string message =
        fmt::format("Invalid '{}': an empty string cannot be embedded. Leave it out.", path);
    fields.fail(
        {base::ErrorCode::InvalidRequest, std::move(message), {}, std::move(path), "empty_string"});
  }
  return inputs;
}

bool decode_is_base64(Fields& fields) {
  constexpr std::array<std::string_view, 2> kFormats{"float", "base64"};
  const std::string format = fields.text("encoding_format").value_or("float");
  if (format != kFormats[0] && format != kFormats[1])
    fields.fail_value("encoding_format", format, kFormats);
  return format == kFormats[1];
}

std::optional<std::size_t> decode_dimensions(Fields& fields) {
  const auto dimensions = fields.integer("dimensions", 1, std::numeric_limits<std::int32_t>::max());
  if (!dimensions) return std::nullopt;
  return static_cast<std::size_t>(*dimensions);
}

}  // namespace

base::Result<EmbeddingRequest> decode_embedding_request(std::string_view body) {
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  EmbeddingRequest request;
  request.model = decode_model(fields);
  request.inputs = decode_inputs(fields);
  request.is_base64 = decode_is_base64(fields);
  request.dimensions = decode_dimensions(fields);
  request.keep_alive_seconds = json::decode_keep_alive(fields);
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

base::Result<void> check_dimensions(const EmbeddingRequest& request, std::size_t model_dimensions) {
  if (request.dimensions.value_or(1) <= model_dimensions) return {};
  return std::unexpected(base::Error{
      base::ErrorCode::InvalidRequest,
      fmt::format("Invalid 'dimensions': {} is more than the {} that the vectors of the model '{}' "
                  "have. Give 1 to {}.",
                  *request.dimensions, model_dimensions, request.model, model_dimensions),
      {},
      "dimensions",
      "integer_above_max_value"});
}

}  // namespace shimmy::protocol::openai
