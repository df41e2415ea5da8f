#include "chat/chat_template.h"

#include <utility>

#include "chat/template_messages.h"
#include "llama/chat_template.h"

namespace shimmy::chat {
namespace {

class JinjaTemplate final : public ChatTemplate {
 public:
  explicit JinjaTemplate(std::unique_ptr<const llama::ChatTemplate> jinja)
      : jinja_(std::move(jinja)) {}

  base::Result<PreparedPrompt> prepare(const Conversation& conversation) const override {
    auto parts = render(*jinja_, conversation);
    if (!parts) return std::unexpected(std::move(parts.error()));
    return PreparedPrompt{.parts = std::move(*parts)};
  }

  bool supports_tools() const override { return jinja_->abilities().tools; }

 private:
  std::unique_ptr<const llama::ChatTemplate> jinja_;
};

}  // namespace

base::Result<std::shared_ptr<const ChatTemplate>> ChatTemplate::create(
    const generation::ModelFacts& facts, std::string_view override_text) {
  auto jinja = llama::ChatTemplate::create(
      override_text.empty() ? facts.chat_template : std::string(override_text), facts.bos_text,
      facts.eos_text);
  if (!jinja) return std::unexpected(std::move(jinja.error()));
  return std::make_shared<const JinjaTemplate>(std::move(*jinja));
}

std::string PreparedPrompt::text() const {
  std::string joined;
  for (const PromptPart& part : parts) joined += part.text;
  return joined;
}

}  // namespace shimmy::chat
