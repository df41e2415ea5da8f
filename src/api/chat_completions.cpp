#include "api/chat_completions.h"

#include <cstdint>
#include <utility>

#include "api/answer_identity.h"
#include "api/chat_outlets.h"
#include "api/chat_prompt.h"
#include "api/keep_alive.h"
#include "api/replies.h"
#include "api/request_defaults.h"
#include "protocol/openai/chat_request.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {
namespace {

namespace openai = protocol::openai;

using base::Result;

openai::ChatHead head_of(AnswerIdentity identity, const openai::ChatRequest& wanted,
                         const generation::Request& request) {
  openai::ChatHead head{.id = std::move(identity.id),
                        .created = identity.created,
                        .model = wanted.model,
                        .fingerprint = std::move(identity.fingerprint),
                        .include_usage = wanted.include_usage,
                        .has_logprobs = request.logprobs.has_value(),
                        .is_function_style = wanted.is_function_style};
  if (wanted.returns_token_ids) head.prompt_token_ids = request.prompt;
  return head;
}

Result<void> start(const std::shared_ptr<http::Exchange>& exchange,
                   const Dependencies& dependencies) {
  auto wanted = openai::decode_chat_request(exchange->request().body);
  if (!wanted) return std::unexpected(std::move(wanted).error());
  exchange->note("model", wanted->model);
  const auto model = dependencies.models.acquire(
      wanted->model, {.keep_alive = keep_alive_of(wanted->keep_alive_seconds)});
  if (!model) return std::unexpected(model.error());
  if (const auto defaults = request_defaults(*model)) {
    wanted = openai::decode_chat_request(exchange->request().body, *defaults);
    if (!wanted) return std::unexpected(std::move(wanted).error());
  }
  auto prompt = prepare_chat(*model, wanted->conversation, std::move(wanted->generation));
  if (!prompt) return std::unexpected(std::move(prompt).error());
  prompt->request.client = exchange->request().client;
  auto generations = submit(*model->engine, prompt->request, wanted->choices, "messages");
  if (!generations) return std::unexpected(std::move(generations).error());
  exchange->charge(static_cast<std::int64_t>(prompt->request.prompt.size()));
  openai::ChatHead head =
      head_of(answer_identity(exchange->request(), "chatcmpl-", dependencies.version, *model),
              *wanted, prompt->request);
  deliver(exchange, model->engine, std::move(*generations),
          wanted->stream ? chat_stream(head, *prompt->format, wanted->choices)
                         : chat_answer(std::move(head), *prompt->format, wanted->choices));
  return {};
}

}  // namespace

http::Handler chat_completions(const Dependencies& dependencies) {
  return [dependencies](const std::shared_ptr<http::Exchange>& exchange) {
    if (const auto started = start(exchange, dependencies); !started)
      exchange->respond(error_response(openai::encode_error(started.error())));
  };
}

}  // namespace shimmy::api
