#include "app/local_chat.h"

#include <utility>
#include <variant>

#include "api/chat_prompt.h"
#include "chat/chat_template.h"

namespace shimmy::app {
namespace {

using base::Result;
using generation::Request;

class LocalChat final : public ChatModel {
 public:
  LocalChat(api::ServedModel model, models::ModelDefaults defaults)
      : model_(std::move(model)), defaults_(std::move(defaults)) {}

  const std::string& name() const override { return model_.id; }
  const std::string& place() const override { return place_; }

  Result<ChatAnswer> ask(const ChatQuestion& question, const Show& show,
                         std::stop_token stop) override {
    Request request;
    apply(defaults_, request);
    apply(question.settings, request);
    auto prompt = api::prepare_chat(model_, conversation(question), std::move(request));
    if (!prompt) return std::unexpected(std::move(prompt).error());
    const std::size_t prompt_tokens = prompt->request.prompt.size();
    const auto generation = model_.engine->submit(std::move(prompt->request));
    if (!generation) return std::unexpected(generation.error());
    auto answer = read(**generation, *prompt->format->parser(), show, stop);
    if (answer && answer->usage.prompt_tokens == 0) answer->usage.prompt_tokens = prompt_tokens;
    return answer;
  }

 private:
  chat::Conversation conversation(const ChatQuestion& question) const {
    chat::Conversation result;
    const bool has_system =
        !question.messages.empty() && question.messages.front().role == "system";
    if (!has_system && !defaults_.system.empty()) {
      result.messages.push_back({"system", defaults_.system});
    }
    for (const ChatMessage& message : question.messages) {
      result.messages.push_back({message.role, message.content});
    }
    return result;
  }

  static bool pass_on(const chat::AnswerDelta& delta, const Show& show) {
    if (delta.reasoning.empty() && delta.content.empty()) return true;
    return show({delta.reasoning, delta.content});
  }

  static Result<ChatAnswer> read(generation::Generation& generation, chat::AnswerParser& parser,
                                 const Show& show, const std::stop_token& stop) {
    ChatAnswer answer{"interrupted", {}, {}};
    bool is_wanted = true;
    while (is_wanted) {
      const auto event = generation.next(stop);
      if (!event) break;
      if (const auto* error = std::get_if<base::Error>(&*event)) return std::unexpected(*error);
      if (const auto* text = std::get_if<generation::TextEvent>(&*event)) {
        answer.usage.completion_tokens += text->tokens.size();
        is_wanted = pass_on(parser.push(text->text), show);
      } else if (const auto* end = std::get_if<generation::FinishedEvent>(&*event)) {
        answer = {std::string(generation::name(end->reason)), end->usage, end->timings};
        break;
      }
    }
    if (is_wanted) pass_on(parser.finish(), show);
    return answer;
  }

  const api::ServedModel model_;
  const models::ModelDefaults defaults_;
  const std::string place_ = "in this process";
};

}  // namespace

Result<std::unique_ptr<ChatModel>> local_chat(const models::ModelEntry& entry,
                                              std::shared_ptr<generation::Engine> engine) {
  auto chat_template = chat::ChatTemplate::create(engine->facts(), entry.defaults.chat_template);
  if (!chat_template) return std::unexpected(std::move(chat_template).error());
  return std::make_unique<LocalChat>(
      api::ServedModel{entry.name, std::move(engine), std::move(*chat_template), true},
      entry.defaults);
}

void apply(const models::ModelDefaults& defaults, Request& request) {
  models::apply(defaults, request.sampling);
  if (defaults.max_tokens) request.max_tokens = *defaults.max_tokens;
  request.stop.insert(request.stop.end(), defaults.stop.begin(), defaults.stop.end());
}

}  // namespace shimmy::app
