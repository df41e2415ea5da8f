#include "protocol/native/generate_request.h"

#include <utility>

#include "protocol/json/fields.h"
#include "protocol/json/keep_alive.h"
#include "protocol/openai/messages.h"
#include "protocol/openai/output_format.h"
#include "protocol/openai/sampling.h"
#include "protocol/openai/unsupported.h"

namespace shimmy::protocol::native {
namespace {

using json::Fields;

base::Error invalid(std::string param, std::string message) {
  return {
      base::ErrorCode::InvalidRequest, std::move(message), {}, std::move(param), "invalid_value"};
}

void decode_input(Fields& fields, GenerateRequest& request) {
  auto& messages = request.conversation.messages;
  const bool has_messages = fields.find("messages") != nullptr;
  if (has_messages) {
    if (fields.find("prompt") != nullptr)
      fields.fail(invalid("prompt", "'prompt' and 'messages' say the same: give one."));
    messages = openai::decode_messages(fields);
  } else {
    request.prompt = fields.required_text("prompt");
    messages.push_back({"user", request.prompt});
  }
  request.raw = fields.flag("raw").value_or(false);
  auto system = fields.text("system");
  if (request.raw && (has_messages || system))
    fields.fail(invalid("raw",
                        "'raw' takes a 'prompt' alone: 'messages' and 'system' need the "
                        "chat template that it leaves out."));
  if (system) messages.insert(messages.begin(), {"system", std::move(*system)});
}

}  // namespace

base::Result<GenerateRequest> decode_generate_request(std::string_view body,
                                                      const RequestDefaults& defaults) {
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  GenerateRequest request;
  request.model = fields.required_text("model");
  decode_input(fields, request);
  request.generation = openai::decode_generation(fields, defaults);
  request.conversation.output = openai::decode_output_format(fields);
  const int usual = defaults.max_tokens.value_or(kUsualMaxTokens);
  request.generation.max_tokens =
      fields.find("max_tokens") != nullptr ? openai::decode_max_tokens(fields, 1, usual) : usual;
  request.stream = fields.flag("stream").value_or(false);
  request.keep_alive_seconds = json::decode_keep_alive(fields);
  openai::refuse_unsupported(fields);
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

}  // namespace shimmy::protocol::native
