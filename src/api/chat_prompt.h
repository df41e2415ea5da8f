// From a conversation to running generations.
#pragma once

#include <cstddef>
#include <memory>

#include "api/delivery.h"
#include "api/model_provider.h"
#include "base/error.h"
#include "chat/answer_format.h"
#include "chat/conversation.h"
#include "generation/request.h"

namespace shimmy::api {

// How the answers will be written, and what they were asked with.
struct ChatPrompt {
  std::shared_ptr<const chat::AnswerFormat> format;
  generation::Request request;
};

// Renders and tokenizes: for a worker. `request` says how to generate. Fails with InvalidRequest
// where the model has no chat template or the template refuses.
base::Result<ChatPrompt> prepare_chat(const ServedModel& model,
                                      const chat::Conversation& conversation,
                                      generation::Request request);

// `count` generations of one request, each with a seed of its own. Fails as Engine::submit; an
// over-long prompt is named after `prompt_field`.
base::Result<Generations> submit(generation::Engine& engine, const generation::Request& request,
                                 std::size_t count, std::string_view prompt_field);

}  // namespace shimmy::api
