// Turns a conversation into the prompt text that a model was trained on.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "chat/message.h"
#include "generation/engine.h"

namespace shimmy::chat {

// A run of prompt text. Only the template's own text may name special tokens: "<|im_end|>" in the
// text of a message is just text.
struct PromptPart {
  std::string text;
  bool from_message = false;
};

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

  // The same prompt with the origin of its text; chat/prompt.h turns it into tokens. One part of
  // the template's own unless overridden.
  virtual base::Result<std::vector<PromptPart>> render_parts(
      std::span<const Message> messages) const;
};

}  // namespace shimmy::chat
