// How the answer to one kind of request is bound and read.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "chat/answer_format.h"
#include "chat/conversation.h"
#include "chat/tag_format.h"
#include "generation/constraint.h"
#include "llama/answer_syntax.h"

namespace shimmy::llama {
class ChatTemplate;
}

namespace shimmy::chat {

struct AnswerPlan {
  generation::Constraint constraint;
  std::shared_ptr<const AnswerFormat> format;
};

// Everything of a conversation that its plan depends on, as one text.
std::string plan_key(const Conversation& conversation, AnswerStart start);

// Takes milliseconds where llama-common must help. Fails with InvalidRequest: a tool that is not
// there is named, two tools have one name, a schema is not JSON.
base::Result<std::shared_ptr<const AnswerPlan>> make_plan(const llama::ChatTemplate& jinja,
                                                          const llama::AnswerSyntax& syntax,
                                                          const Conversation& conversation,
                                                          AnswerStart start);

}  // namespace shimmy::chat
