// What a model's answer may be, as a constraint on its whole text.
#pragma once

#include <span>
#include <string>

#include "chat/conversation.h"
#include "chat/tag_format.h"
#include "generation/constraint.h"
#include "llama/answer_syntax.h"

namespace shimmy::chat {

struct AnswerRules {
  const llama::AnswerSyntax& syntax;
  std::span<const Tool> tools = {};  // those that may be called; empty: none
  bool calls_required = false;
  bool parallel_calls = true;
  generation::Constraint output = {};  // of the content
  AnswerStart start = AnswerStart::Open;
};

// Thoughts are free, calls and content are bound. None where nothing is. XGrammar's structural tags
// are the notation. Requires: the form of calls is not Other; tools and schemas are JSON.
generation::Constraint answer_constraint(const AnswerRules& rules);

}  // namespace shimmy::chat
