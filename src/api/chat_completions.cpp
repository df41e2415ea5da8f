#include "api/chat_completions.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "api/chat_outlets.h"
#include "api/replies.h"
#include "chat/prompt.h"
#include "protocol/openai/chat_request.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {
namespace {

namespace openai = protocol::openai;

using base::Result;
using generation::Generation;

// FNV-1a, so that the fingerprint is the same in every process.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) {
    value ^= static_cast<unsigned char>(c);
    value *= 0x100000001b3;
  }
  return value;
}

openai::ChatHead head_of(const http::Request& request, const std::string& version,
                         const openai::ChatRequest& wanted, const ServedModel& model) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string_view unique = std::string_view(request.id).substr(request.id.find('_') + 1);
  const std::string what =
      fmt::format("{} {} {}", version, model.id, model.engine->facts().weight_bytes);
  return {.id = fmt::format("chatcmpl-{}", unique),
          .created = std::chrono::duration_cast<std::chrono::seconds>(now).count(),
          .model = wanted.model,
          .fingerprint = fmt::format("fp_{:012x}", hash(what) & 0xffffffffffff)};
}

Result<std::unique_ptr<Generation>> submit(const ServedModel& model, openai::ChatRequest& wanted) {
  if (!model.chat_template) {
    return base::fail_field("model",
                            "The model '{}' has no chat template, so it cannot be used for chat. "
                            "Choose a chat model.",
                            wanted.model);
  }
  const generation::ModelFacts& facts = model.engine->facts();
  const auto prepared = model.chat_template->prepare({.messages = std::move(wanted.messages)});
  if (!prepared) return std::unexpected(prepared.error());
  auto prompt = chat::encode_prompt(prepared->parts, model.engine->tokenizer(), facts);
  if (!prompt) return std::unexpected(std::move(prompt.error()));
  const std::size_t prompt_tokens = prompt->size();
  wanted.generation.prompt = std::move(*prompt);
  auto generation = model.engine->submit(std::move(wanted.generation));
  if (!generation && generation.error().code == base::ErrorCode::ContextOverflow)
    return std::unexpected(openai::context_overflow(facts.context_tokens, prompt_tokens));
  return generation;
}

Result<void> start(const std::shared_ptr<http::Exchange>& exchange,
                   const Dependencies& dependencies) {
  auto wanted = openai::decode_chat_request(exchange->request().body);
  if (!wanted) return std::unexpected(std::move(wanted.error()));
  const auto model = dependencies.models.acquire(wanted->model);
  if (!model) return std::unexpected(model.error());
  auto generation = submit(*model, *wanted);
  if (!generation) return std::unexpected(std::move(generation.error()));
  openai::ChatHead head = head_of(exchange->request(), dependencies.version, *wanted, *model);
  deliver(exchange, model->engine, std::move(*generation),
          wanted->stream ? chat_stream(head, wanted->include_usage) : chat_answer(std::move(head)));
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
