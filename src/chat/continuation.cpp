#include "chat/continuation.h"

#include <string_view>

#include "chat/markers.h"

namespace shimmy::chat {
namespace {

constexpr std::string_view kHarmonyFinal = "<|channel|>final<|message|>";
constexpr std::string_view kHarmonyNext = "<|start|>assistant";

bool is_harmony(const llama::AnswerSyntax& syntax) {
  return syntax.calls.form == llama::CallSyntax::Form::Harmony;
}

void append(std::vector<PromptPart>& parts, std::string_view text, bool from_message) {
  if (!text.empty()) parts.emplace_back(std::string(text), from_message);
}

}  // namespace

AnswerStart answer_start(const std::vector<PromptPart>& parts, const llama::AnswerSyntax& syntax,
                         const Conversation& conversation) {
  if (!syntax.thinks() || parts.empty()) return AnswerStart::Open;
  if (parts.back().from_message || !conversation.adds_generation_prompt) return AnswerStart::Open;
  const std::string_view begin = trimmed(syntax.reasoning_begin);
  const std::string_view text = trimmed(parts.back().text);
  if (text.ends_with(trimmed(syntax.reasoning_end))) return AnswerStart::Content;
  if (begin.empty()) {
    return conversation.thinking.value_or(true) ? AnswerStart::Reasoning : AnswerStart::Content;
  }
  return text.ends_with(begin) ? AnswerStart::Reasoning : AnswerStart::Open;
}

AnswerStart continue_answer(std::vector<PromptPart>& parts, const Message& beginning,
                            const llama::AnswerSyntax& syntax, AnswerStart start) {
  const bool has_thoughts = !beginning.reasoning.empty() && syntax.thinks();
  if (start == AnswerStart::Open && has_thoughts) {
    append(parts, syntax.reasoning_begin, false);
    start = AnswerStart::Reasoning;
  }
  if (start == AnswerStart::Reasoning) {
    append(parts, beginning.reasoning, true);
    if (has_thoughts && beginning.content.empty()) return start;
    append(parts, syntax.reasoning_end, false);
    if (is_harmony(syntax)) append(parts, kHarmonyNext, false);
  }
  if (is_harmony(syntax)) append(parts, kHarmonyFinal, false);
  append(parts, beginning.content, true);
  return AnswerStart::Content;
}

}  // namespace shimmy::chat
