#include "api/chat_prompt.h"

#include <algorithm>
#include <utility>

#include "chat/prompt.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {

using base::Result;
using generation::Request;

namespace {

bool needs_system(const ServedModel& model, const chat::Conversation& conversation) {
  return model.defaults && !model.defaults->system.empty() &&
         std::ranges::none_of(conversation.messages, [](const chat::Message& message) {
           return message.role == "system";
         });
}

}  // namespace

Result<chat::PreparedPrompt> prepare_text(const ServedModel& model,
                                          const chat::Conversation& conversation) {
  if (model.chat_template && needs_system(model, conversation)) {
    chat::Conversation whole = conversation;
    whole.messages.insert(whole.messages.begin(), {"system", model.defaults->system});
    return model.chat_template->prepare(whole);
  }
  if (model.chat_template) return model.chat_template->prepare(conversation);
  return base::fail_field("model",
                          "The model '{}' has no chat template, so it cannot be used for chat. "
                          "Choose a chat model.",
                          model.id);
}

Result<ChatPrompt> prepare_chat(const ServedModel& model, const chat::Conversation& conversation,
                                Request request) {
  auto prepared = prepare_text(model, conversation);
  if (!prepared) return std::unexpected(std::move(prepared).error());
  const generation::Tokenizer& tokenizer = model.engine->tokenizer();
  auto tokens = chat::encode_prompt(prepared->parts, tokenizer, model.engine->facts());
  if (!tokens) return std::unexpected(std::move(tokens).error());
  request.prompt = std::move(*tokens);
  request.sampling.constraint = std::move(prepared->constraint);
  request.sampling.constraint.field =
      conversation.output.field.empty() ? "tools" : conversation.output.field;
  request.visible_specials = chat::special_tokens(prepared->visible_specials, tokenizer);
  for (std::string& stop : prepared->stops) request.stop.push_back(std::move(stop));
  return ChatPrompt{std::move(prepared->format), std::move(request)};
}

Result<Generations> submit(generation::Engine& engine, const Request& request, std::size_t count,
                           std::string_view prompt_field) {
  Generations generations;
  for (std::size_t i = 0; i < count; ++i) {
    Request one = request;
    if (one.sampling.seed) *one.sampling.seed += static_cast<std::uint32_t>(i);
    auto generation = engine.submit(std::move(one));
    if (!generation) {
      if (generation.error().code != base::ErrorCode::ContextOverflow)
        return std::unexpected(std::move(generation).error());
      return std::unexpected(protocol::openai::context_overflow(
          engine.facts().context_tokens, request.prompt.size(), prompt_field));
    }
    generations.push_back(std::move(*generation));
  }
  return generations;
}

}  // namespace shimmy::api
