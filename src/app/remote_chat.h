// Talking to a model on a running server.
#pragma once

#include <memory>
#include <string>

#include "app/chat_model.h"
#include "app/server_client.h"

namespace shimmy::app {

// The client must outlive it. `model` as the server names it.
std::unique_ptr<ChatModel> remote_chat(ServerClient& client, std::string model);

// The body of a POST to /v1/chat/completions.
std::string chat_request_json(const std::string& model, const ChatQuestion& question);

}  // namespace shimmy::app
