#include "app/chat_prompt.h"

#include <string>

#include "chat/chat_template.h"
#include "chat/prompt.h"

namespace shimmy::app {
namespace {

using Tokens = base::Result<std::vector<generation::Token>>;

Tokens encode_chat(const generation::Engine& engine, std::string_view system,
                   std::string_view prompt) {
  if (engine.facts().chat_template.empty()) {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "This model has no chat template. Give it the plain prompt with --raw.");
  }
  const auto chat_template = chat::ChatTemplate::create(engine.facts());
  if (!chat_template) return std::unexpected(chat_template.error());
  chat::Conversation conversation;
  if (!system.empty()) conversation.messages.push_back({"system", std::string(system)});
  conversation.messages.push_back({"user", std::string(prompt)});
  const auto prepared = (*chat_template)->prepare(conversation);
  if (!prepared) return std::unexpected(prepared.error());
  return chat::encode_prompt(prepared->parts, engine.tokenizer(), engine.facts());
}

}  // namespace

Tokens encode_prompt(const generation::Engine& engine, PromptMode mode, std::string_view system,
                     std::string_view prompt) {
  if (mode == PromptMode::Chat) return encode_chat(engine, system, prompt);
  std::vector<generation::Token> tokens =
      engine.tokenizer().encode(prompt, true, generation::SpecialText::Parse);
  if (tokens.empty()) {
    return base::fail(base::ErrorCode::InvalidRequest, "The prompt is empty.");
  }
  return tokens;
}

}  // namespace shimmy::app
