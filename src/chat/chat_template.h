// Turns a conversation into the prompt text that a model was trained on.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/error.h"
#include "chat/message.h"
#include "generation/engine.h"

namespace shimmy::chat {

// Immutable: any thread may render.
class ChatTemplate {
 public:
  // From the model's own Jinja text. Fails with ModelLoadFailed when that text cannot be parsed.
  // Requires: facts.chat_template is not empty.
  static base::Result<std::shared_ptr<const ChatTemplate>> create(
      const generation::ModelFacts& facts);

  virtual ~ChatTemplate() = default;

  // The prompt, ending where the assistant's answer begins. Fails with InvalidRequest when the
  // template refuses the conversation (roles that must alternate, …); the message is the template's
  // own.
  virtual base::Result<std::string> render(std::span<const Message> messages) const = 0;
};

}  // namespace shimmy::chat
