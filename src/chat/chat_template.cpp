#include "chat/chat_template.h"

#include <mutex>
#include <utility>

#include "chat/answer_plan.h"
#include "chat/continuation.h"
#include "chat/family_templates.h"
#include "chat/plan_cache.h"
#include "chat/template_messages.h"
#include "llama/chat_template.h"
#include "llama/template_analysis.h"

namespace shimmy::chat {
namespace {

constexpr std::size_t kMaxPlanBytes = std::size_t{8} << 20;

class JinjaTemplate final : public ChatTemplate {
 public:
  explicit JinjaTemplate(std::unique_ptr<const llama::ChatTemplate> jinja)
      : jinja_(std::move(jinja)), plans_(kMaxPlanBytes) {}

  base::Result<PreparedPrompt> prepare(const Conversation& conversation) const override {
    auto parts = render(*jinja_, conversation);
    if (!parts) return std::unexpected(std::move(parts.error()));
    AnswerStart start = answer_start(*parts, syntax(), conversation);
    if (conversation.continues_final_message && !conversation.messages.empty())
      start = continue_answer(*parts, conversation.messages.back(), syntax(), start);
    auto plan = plan_for(conversation, start);
    if (!plan) return std::unexpected(std::move(plan.error()));
    return PreparedPrompt{.parts = std::move(*parts),
                          .constraint = (*plan)->constraint,
                          .stops = syntax().stops,
                          .visible_specials = syntax().specials,
                          .format = (*plan)->format};
  }

  bool supports_tools() const override {
    return syntax().calls.form != llama::CallSyntax::Form::None;
  }
  bool supports_thinking() const override { return syntax().thinks(); }

 private:
  // Found out when first asked for: a model may be loaded long before anybody chats with it.
  const llama::AnswerSyntax& syntax() const {
    std::call_once(analyzed_, [&] { syntax_ = llama::analyze(*jinja_); });
    return syntax_;
  }

  base::Result<std::shared_ptr<const AnswerPlan>> plan_for(const Conversation& conversation,
                                                           AnswerStart start) const {
    const std::string key = plan_key(conversation, start);
    if (auto known = plans_.find(key)) return known;
    auto plan = make_plan(*jinja_, syntax(), conversation, start);
    if (plan) plans_.put(key, *plan);
    return plan;
  }

  const std::unique_ptr<const llama::ChatTemplate> jinja_;
  mutable std::once_flag analyzed_;
  mutable llama::AnswerSyntax syntax_;  // constant after analyzed_
  mutable PlanCache plans_;
};

bool is_jinja(std::string_view text) { return text.contains('{') || text.contains('\n'); }

base::Result<std::string> jinja_text(const generation::ModelFacts& facts,
                                     std::string_view override_text) {
  const std::string_view text = override_text.empty() ? facts.chat_template : override_text;
  if (text.empty()) return family_template(facts);
  if (is_jinja(text)) return std::string(text);
  return named_template(text);
}

}  // namespace

base::Result<std::shared_ptr<const ChatTemplate>> ChatTemplate::create(
    const generation::ModelFacts& facts, std::string_view override_text) {
  const auto text = jinja_text(facts, override_text);
  if (!text) return std::unexpected(text.error());
  auto jinja = llama::ChatTemplate::create(*text, facts.bos_text, facts.eos_text);
  if (!jinja) return std::unexpected(std::move(jinja.error()));
  return std::make_shared<const JinjaTemplate>(std::move(*jinja));
}

std::string PreparedPrompt::text() const {
  std::string joined;
  for (const PromptPart& part : parts) joined += part.text;
  return joined;
}

}  // namespace shimmy::chat
