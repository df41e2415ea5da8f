#include "api/completions.h"

#include <cstdint>
#include <utility>

#include "api/answer_identity.h"
#include "api/chat_prompt.h"
#include "api/completion_outlets.h"
#include "api/keep_alive.h"
#include "api/replies.h"
#include "api/request_defaults.h"
#include "api/token_text.h"
#include "protocol/openai/completion_request.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {
namespace {

namespace openai = protocol::openai;

using base::Result;
using openai::CompletionRequest;

openai::CompletionHead head_of(AnswerIdentity identity, const CompletionRequest& wanted) {
  return {.id = std::move(identity.id),
          .created = identity.created,
          .model = wanted.model,
          .fingerprint = std::move(identity.fingerprint),
          .include_usage = wanted.include_usage,
          .has_logprobs = wanted.generation.logprobs.has_value()};
}

// A text that is only scored generates nothing.
bool scores_prompt(const CompletionRequest& wanted) {
  return wanted.echo && (wanted.generation.logprobs || wanted.generation.max_tokens == 0);
}

// Every prompt is checked before the first is generated from.
Result<Generations> submit_all(http::Exchange& exchange, generation::Engine& engine,
                               const CompletionRequest& wanted, CompletionPlan& plan) {
  generation::Request request = wanted.generation;
  request.client = exchange.request().client;
  if (plan.scores_prompt) request.prompt_logprobs = request.logprobs.value_or(0);
  // The best is chosen by its probability.
  if (plan.best_of > plan.choices && !request.logprobs) request.logprobs = 0;
  std::vector<generation::Request> requests;
  for (const openai::TextOrTokens& prompt : wanted.prompts) {
    auto tokens = wanted.suffix
                      ? infill_tokens(prompt, *wanted.suffix, engine.tokenizer(), "prompt")
                      : tokens_of(prompt, engine.tokenizer(), "prompt");
    if (!tokens) return std::unexpected(std::move(tokens).error());
    plan.prefixes.push_back(wanted.echo ? text_of(prompt, engine.tokenizer()) : "");
    request.prompt = std::move(*tokens);
    requests.push_back(request);
  }
  Generations all;
  for (const generation::Request& one : requests) {
    auto generations = submit(engine, one, plan.best_of, "prompt");
    if (!generations) return generations;
    for (auto& generation : *generations) all.push_back(std::move(generation));
    exchange.charge(static_cast<std::int64_t>(one.prompt.size()));
  }
  return all;
}

Result<void> start(const std::shared_ptr<http::Exchange>& exchange,
                   const Dependencies& dependencies) {
  auto wanted = openai::decode_completion_request(exchange->request().body);
  if (!wanted) return std::unexpected(wanted.error());
  exchange->note("model", wanted->model);
  const auto model = dependencies.models.acquire(
      wanted->model, {.keep_alive = keep_alive_of(wanted->keep_alive_seconds)});
  if (!model) return std::unexpected(model.error());
  if (const auto defaults = request_defaults(*model)) {
    wanted = openai::decode_completion_request(exchange->request().body, *defaults);
    if (!wanted) return std::unexpected(std::move(wanted).error());
  }
  CompletionPlan plan{.prefixes = {},
                      .choices = wanted->choices,
                      .best_of = wanted->best_of,
                      .echo = wanted->echo,
                      .scores_prompt = scores_prompt(*wanted)};
  auto generations = submit_all(*exchange, *model->engine, *wanted, plan);
  if (!generations) return std::unexpected(std::move(generations).error());
  openai::CompletionHead head =
      head_of(answer_identity(exchange->request(), "cmpl-", dependencies.version, *model), *wanted);
  deliver(exchange, model->engine, std::move(*generations),
          wanted->stream ? completion_stream(head, std::move(plan))
                         : completion_answer(std::move(head), std::move(plan)));
  return {};
}

}  // namespace

http::Handler completions(const Dependencies& dependencies) {
  return [dependencies](const std::shared_ptr<http::Exchange>& exchange) {
    if (const auto started = start(exchange, dependencies); !started)
      exchange->respond(error_response(openai::encode_error(started.error())));
  };
}

}  // namespace shimmy::api
