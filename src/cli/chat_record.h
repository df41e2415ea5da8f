// What is said in a chat, and the file that keeps it.
#pragma once

#include <string>
#include <vector>

#include "app/chat_model.h"
#include "base/error.h"

namespace shimmy::cli {

struct ChatRecord {
  std::string model;   // that it was held with
  std::string system;  // empty: none
  models::ModelDefaults settings;
  std::vector<app::ChatMessage> messages;  // of "user" and "assistant" in turn

  // All of it, with the system message first.
  app::ChatQuestion question() const;
};

// JSON, for its owner alone. The file is replaced as a whole, or not at all. Fails with Io.
base::Result<void> save_chat(const ChatRecord& record, const std::string& path);

// Fails with Io: it cannot be read, or is no such file.
base::Result<ChatRecord> load_chat(const std::string& path);

}  // namespace shimmy::cli
