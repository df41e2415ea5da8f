#include "chat/chat_template.h"

#include <iterator>
#include <utility>

#include "llama/chat_template.h"

namespace shimmy::chat {
namespace {

class JinjaTemplate final : public ChatTemplate {
 public:
  explicit JinjaTemplate(std::unique_ptr<const llama::ChatTemplate> jinja)
      : jinja_(std::move(jinja)) {}

  base::Result<std::string> render(std::span<const Message> messages) const override {
    const auto parts = render_parts(messages);
    if (!parts) return std::unexpected(parts.error());
    std::string text;
    for (const PromptPart& part : *parts) text += part.text;
    return text;
  }

  base::Result<std::vector<PromptPart>> render_parts(
      std::span<const Message> messages) const override {
    std::string instructions;
    const auto conversation = with_one_opening_instruction(messages, instructions);
    auto rendered = jinja_->render(conversation, /*add_generation_prompt=*/true);
    if (!rendered) return std::unexpected(std::move(rendered.error()));
    std::vector<PromptPart> parts;
    parts.reserve(rendered->size());
    for (llama::TemplatePart& part : *rendered)
      parts.emplace_back(std::move(part.text), part.from_content);
    return parts;
  }

 private:
  // Many templates refuse a second system message: those at the start become one, kept in `joined`.
  static std::vector<llama::TemplateMessage> with_one_opening_instruction(
      std::span<const Message> messages, std::string& joined) {
    std::size_t opening = 0;
    while (opening < messages.size() && messages[opening].role == "system") ++opening;
    std::vector<llama::TemplateMessage> conversation;
    for (const Message& message : messages.first(opening)) {
      if (!joined.empty()) joined += "\n\n";
      joined += message.content;
    }
    if (opening > 0) conversation.emplace_back("system", joined);
    for (const Message& message : messages.subspan(opening))
      conversation.emplace_back(message.role, message.content);
    return conversation;
  }

  std::unique_ptr<const llama::ChatTemplate> jinja_;
};

}  // namespace

base::Result<std::shared_ptr<const ChatTemplate>> ChatTemplate::create(
    const generation::ModelFacts& facts) {
  auto jinja = llama::ChatTemplate::create(facts.chat_template, facts.bos_text, facts.eos_text);
  if (!jinja) return std::unexpected(std::move(jinja.error()));
  return std::make_shared<const JinjaTemplate>(std::move(*jinja));
}

base::Result<std::vector<PromptPart>> ChatTemplate::render_parts(
    std::span<const Message> messages) const {
  auto text = render(messages);
  if (!text) return std::unexpected(std::move(text.error()));
  return std::vector<PromptPart>{{std::move(*text), false}};
}

}  // namespace shimmy::chat
