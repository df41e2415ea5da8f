// From a conversation to running generations.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "api/delivery.h"
#include "api/model_provider.h"
#include "base/error.h"
#include "chat/answer_format.h"
#include "chat/chat_template.h"
#include "chat/conversation.h"
#include "generation/request.h"

namespace shimmy::api {

// How the answers will be written, and what they were asked with.
struct ChatPrompt {
  std::shared_ptr<const chat::AnswerFormat> format;
  generation::Request request;
};

// The conversation as the model's template writes it, with the system message of the model's
// defaults where it brings none. Fails with InvalidRequest where the model has
// no chat template or the template refuses.
base::Result<chat::PreparedPrompt> prepare_text(const ServedModel& model,
                                                const chat::Conversation& conversation);

// The same as tokens, in a request that can be submitted: for a worker. `request` says how to
// generate.
base::Result<ChatPrompt> prepare_chat(const ServedModel& model,
                                      const chat::Conversation& conversation,
                                      generation::Request request);

// `count` generations of one request, each with a seed of its own. Fails as Engine::submit; an
// over-long prompt is named after `prompt_field`.
base::Result<Generations> submit(generation::Engine& engine, const generation::Request& request,
                                 std::size_t count, std::string_view prompt_field);

}  // namespace shimmy::api
