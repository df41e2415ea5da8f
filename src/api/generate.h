// POST /api/generate: shimmy's own endpoint for text.
#pragma once

#include "api/chat_prompt.h"
#include "api/dependencies.h"
#include "http/exchange.h"
#include "protocol/native/generate_request.h"

namespace shimmy::api {

// May block while a model is loaded and the prompt is tokenized: for a worker.
http::Handler generate(const Dependencies& dependencies);

// The model and the prompt of such a request; also for the WebSocket. `body` is what `wanted` was
// decoded from. A prompt goes through the model's chat template where it has one and "raw" does not
// forbid it.
struct GeneratePlan {
  ServedModel model;
  ChatPrompt prompt;
};
base::Result<GeneratePlan> plan_generate(ModelProvider& models, std::string_view body,
                                         protocol::native::GenerateRequest wanted);

}  // namespace shimmy::api
