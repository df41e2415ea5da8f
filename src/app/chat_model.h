// A model to talk to: in this process, or on a server.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "generation/event.h"
#include "models/model_defaults.h"

namespace shimmy::app {

struct ChatMessage {
  std::string role;  // "system", "user", "assistant"
  std::string content;

  friend bool operator==(const ChatMessage&, const ChatMessage&) = default;
};

struct ChatQuestion {
  std::vector<ChatMessage> messages;
  models::ModelDefaults settings;  // of sampling and length; its system and template do not count
};

struct ChatPiece {
  std::string thoughts;
  std::string text;
};

struct ChatAnswer {
  std::string finish_reason;  // "stop", "length", "interrupted", …
  generation::Usage usage;
  generation::Timings timings;  // zero where they are not known
};

// One thread at a time.
class ChatModel {
 public:
  // Gets the answer as it comes; false: no more of it is wanted.
  using Show = std::function<bool(const ChatPiece& piece)>;

  virtual ~ChatModel() = default;

  virtual const std::string& name() const = 0;

  // Where it runs: "in this process", "http://127.0.0.1:11435".
  virtual const std::string& place() const = 0;

  // Blocks until the answer is complete. One that `stop` or `show` has ended is a success, too:
  // "interrupted". Fails as Engine::submit and the model's template do.
  virtual base::Result<ChatAnswer> ask(const ChatQuestion& question, const Show& show,
                                       std::stop_token stop) = 0;
};

}  // namespace shimmy::app
