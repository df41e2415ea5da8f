#include "protocol/openai/completion_request.h"

#include <utility>

#include "protocol/json/fields.h"
#include "protocol/json/keep_alive.h"
#include "protocol/openai/chat_request.h"
#include "protocol/openai/output_format.h"
#include "protocol/openai/sampling.h"
#include "protocol/openai/token_input.h"
#include "protocol/openai/unsupported.h"

namespace shimmy::protocol::openai {
namespace {

using json::Fields;

constexpr std::int64_t kMaxBestOf = 20;
constexpr std::int32_t kMaxTextLogprobs = 5;
constexpr std::int32_t kUsualMaxTokens = 16;

void fail_value(Fields& fields, std::string param, std::string message) {
  fields.fail(
      {base::ErrorCode::InvalidRequest, std::move(message), {}, std::move(param), "invalid_value"});
}

void decode_counts(Fields& fields, CompletionRequest& request) {
  const auto choices = fields.integer("n", 1, kMaxChoices).value_or(1);
  const auto best_of = fields.integer("best_of", 1, kMaxBestOf).value_or(choices);
  request.choices = static_cast<std::size_t>(choices);
  request.best_of = static_cast<std::size_t>(best_of);
  if (best_of < choices)
    fail_value(fields, "best_of", "'best_of' must not be less than 'n': the best n are answered.");
  if (best_of > choices && request.stream)
    fail_value(fields, "best_of", "'best_of' cannot be streamed: the best is known at the end.");
}

// True, as other servers take it, asks for the chosen token alone.
std::optional<std::int32_t> decode_logprobs(Fields& fields) {
  const boost::json::value* given = fields.find("logprobs");
  if (given != nullptr && given->is_bool())
    return given->get_bool() ? std::optional<std::int32_t>(0) : std::nullopt;
  const auto count = fields.integer("logprobs", 0, kMaxTextLogprobs);
  if (!count) return std::nullopt;
  return static_cast<std::int32_t>(*count);
}

}  // namespace

base::Result<CompletionRequest> decode_completion_request(std::string_view body,
                                                          const RequestDefaults& defaults) {
  const auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  CompletionRequest request;
  request.model = decode_model(fields);
  request.prompts = decode_token_input(fields, "prompt");
  // Without a prompt the model begins from nothing.
  if (fields.find("prompt") == nullptr) request.prompts.emplace_back(std::string());
  request.suffix = fields.text("suffix");
  if (request.suffix && request.suffix->empty()) request.suffix.reset();
  request.stream = fields.flag("stream").value_or(false);
  request.include_usage = decode_include_usage(fields);
  request.echo = fields.flag("echo").value_or(false);
  decode_counts(fields, request);
  request.generation = decode_generation(fields, defaults);
  request.generation.sampling.constraint = decode_output_format(fields);
  request.generation.max_tokens = decode_max_tokens(fields, request.echo ? 0 : 1,
                                                    defaults.max_tokens.value_or(kUsualMaxTokens));
  request.generation.logprobs = decode_logprobs(fields);
  request.keep_alive_seconds = json::decode_keep_alive(fields);
  refuse_unsupported(fields);
  if (request.prompts.size() * request.best_of > kMaxPrompts)
    fail_value(fields, "n", "There are too many completions in one request: ask for fewer.");
  if (fields.error()) return std::unexpected(*fields.error());
  return request;
}

}  // namespace shimmy::protocol::openai
