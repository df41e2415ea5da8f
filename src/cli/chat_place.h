// Where a chat's model runs: on a server that is there, or in this process.
#pragma once

#include <memory>

#include "app/chat_model.h"
#include "app/server_client.h"
#include "cli/chat.h"

namespace shimmy::cli {

struct ChatPlace {
  std::unique_ptr<app::ServerClient> server;  // null: in this process
  std::unique_ptr<app::ChatModel> model;      // never null; uses `server`
};

// A server that was named must have the model; one that only happens to run is taken where it has.
// Blocks: it may load the model.
base::Result<ChatPlace> chat_place(const ChatOptions& options, Terminal& terminal,
                                   const Services& services);

}  // namespace shimmy::cli
