#include "chat/chat_template.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "chat/answer_plan.h"
#include "chat/continuation.h"
#include "chat/family_templates.h"
#include "chat/plan_cache.h"
#include "chat/template_messages.h"
#include "chat/tool_notes.h"
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
    auto parts = needs_notes(conversation) ? render(*jinja_, with_notes(conversation))
                                           : render(*jinja_, conversation);
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
    syntax();
    return shows_calls_;
  }
  bool supports_thinking() const override { return syntax().thinks(); }

 private:
  // Found out when first asked for: a model may be loaded long before anybody chats with it.
  const llama::AnswerSyntax& syntax() const {
    std::call_once(analyzed_, [&] {
      syntax_ = llama::analyze(*jinja_);
      shows_calls_ = syntax_.calls.form != llama::CallSyntax::Form::None;
      if (!shows_calls_) syntax_.calls = noted_calls();
    });
    return syntax_;
  }

  // Whether the template would leave tools or calls out.
  bool needs_notes(const Conversation& conversation) const {
    const bool speaks_of_tools =
        !conversation.tools.empty() ||
        std::ranges::any_of(conversation.messages, [](const Message& message) {
          return message.role == "tool" || !message.tool_calls.empty();
        });
    if (!speaks_of_tools) return false;
    syntax();
    return !shows_calls_ || !jinja_->abilities().tools || !jinja_->abilities().calls;
  }

  Conversation with_notes(const Conversation& conversation) const {
    Conversation told = conversation;
    if (!shows_calls_ || !jinja_->abilities().calls)
      told.messages = without_tool_messages(conversation.messages);
    if (!jinja_->abilities().tools && !told.tools.empty() &&
        told.tool_choice.mode != ToolChoice::Mode::None)
      told.messages.insert(told.messages.begin(),
                           {.role = "system", .content = tool_note(told.tools, !shows_calls_)});
    return told;
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
  mutable bool shows_calls_ = false;    // the same
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
