// Turns a conversation into what a model needs to go on with it: the prompt text that it was
// trained on, and how its answer is written and read.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "chat/answer_format.h"
#include "chat/conversation.h"
#include "generation/constraint.h"
#include "generation/engine.h"

namespace shimmy::chat {

// A run of prompt text. Only the template's own text may name special tokens: "<|im_end|>" in the
// text of a message, a tool's description or a call's arguments is just text.
struct PromptPart {
  std::string text;
  bool from_message = false;
};

struct PreparedPrompt {
  std::vector<PromptPart> parts = {};              // chat/prompt.h turns them into tokens
  generation::Constraint constraint = {};          // of the whole answer
  std::vector<std::string> stops = {};             // in addition to the request's
  std::vector<std::string> visible_specials = {};  // special tokens that the parser must see
  std::shared_ptr<const AnswerFormat> format = plain_format();

  std::string text() const;  // of all parts
};

// Immutable: any thread may call any member.
class ChatTemplate {
 public:
  // From `override_text` (Jinja, or the name of a family: "chatml", "llama3", "openchat", …), else
  // from the model's own Jinja text, else from the family that its architecture and name tell.
  // Fails with ModelLoadFailed when the text cannot be parsed, or `override_text` names nothing.
  static base::Result<std::shared_ptr<const ChatTemplate>> create(
      const generation::ModelFacts& facts, std::string_view override_text = {});

  virtual ~ChatTemplate() = default;

  // Fails with InvalidRequest when the template refuses the conversation (roles that must
  // alternate, …; the message is the template's own), when the tools cannot be offered as asked,
  // and when a template argument or a schema is not JSON (naming it).
  virtual base::Result<PreparedPrompt> prepare(const Conversation& conversation) const = 0;

  // What models with this template can do.
  virtual bool supports_tools() const { return false; }
  virtual bool supports_thinking() const { return false; }
};

}  // namespace shimmy::chat
