#include "llama/chat_template.h"

#include <chat.h>

#include <ctime>
#include <exception>
#include <utility>

namespace shimmy::llama {
namespace {

// Templates report errors wrapped in an excerpt of their source: only the last line is for users.
std::string last_words(std::string_view what) {
  for (const std::string_view marker : {"\nError: ", "Jinja Exception: "}) {
    if (const auto at = what.rfind(marker); at != std::string_view::npos)
      what.remove_prefix(at + marker.size());
  }
  return std::string(what);
}

jinja::value text_value(std::string_view text, bool from_content) {
  auto value = jinja::mk_val<jinja::value_string>(std::string(text));
  if (from_content) value->mark_input();
  return value;
}

// Some templates read content only as a list of typed parts.
jinja::value content_value(std::string_view text, const jinja::caps& caps) {
  if (caps.supports_string_content || !caps.supports_typed_content) return text_value(text, true);
  auto part = jinja::mk_val<jinja::value_object>();
  part->insert("type", text_value("text", false));
  part->insert("text", text_value(text, true));
  auto parts = jinja::mk_val<jinja::value_array>();
  parts->push_back(part);
  return parts;
}

struct OwnedMessage {
  std::string role;
  std::string content;
};

std::vector<OwnedMessage> without_system_role(std::span<const TemplateMessage> messages) {
  std::vector<OwnedMessage> kept;
  std::string pending;
  for (const TemplateMessage& message : messages) {
    if (message.role == "system") {
      pending.append(message.content).append("\n");
      continue;
    }
    kept.emplace_back(std::string(message.role),
                      std::exchange(pending, {}).append(message.content));
  }
  if (!pending.empty()) {
    pending.pop_back();
    kept.emplace_back("user", std::move(pending));
  }
  return kept;
}

std::vector<OwnedMessage> copy(std::span<const TemplateMessage> messages) {
  std::vector<OwnedMessage> copies;
  copies.reserve(messages.size());
  for (const TemplateMessage& message : messages)
    copies.emplace_back(std::string(message.role), std::string(message.content));
  return copies;
}

jinja::value messages_value(const std::vector<OwnedMessage>& messages, const jinja::caps& caps) {
  auto list = jinja::mk_val<jinja::value_array>();
  for (const OwnedMessage& message : messages) {
    auto object = jinja::mk_val<jinja::value_object>();
    object->insert("role", text_value(message.role, false));
    object->insert("content", content_value(message.content, caps));
    list->push_back(object);
  }
  return list;
}

std::string date_text(std::time_t time, const char* format) {
  std::tm local{};
  localtime_r(&time, &local);
  char text[32];
  return {text, std::strftime(text, sizeof text, format, &local)};
}

}  // namespace

struct ChatTemplate::Parsed {
  common_chat_template source;
};

ChatTemplate::ChatTemplate(std::unique_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
ChatTemplate::~ChatTemplate() = default;

base::Result<std::unique_ptr<const ChatTemplate>> ChatTemplate::create(const std::string& jinja,
                                                                       const std::string& bos,
                                                                       const std::string& eos) {
  try {
    auto parsed = std::make_unique<const Parsed>(common_chat_template(jinja, bos, eos));
    return std::unique_ptr<const ChatTemplate>(new ChatTemplate(std::move(parsed)));
  } catch (const std::exception& error) {
    return base::fail(base::ErrorCode::ModelLoadFailed,
                      "The model's chat template cannot be parsed: {}", last_words(error.what()));
  }
}

base::Result<std::vector<TemplatePart>> ChatTemplate::render(
    std::span<const TemplateMessage> messages, bool add_generation_prompt) const {
  try {
    const common_chat_template& source = parsed_->source;
    jinja::context context(source.source());
    context.set_val("messages",
                    messages_value(source.caps.supports_system_role ? copy(messages)
                                                                    : without_system_role(messages),
                                   source.caps));
    context.set_val("bos_token", text_value(source.bos_token(), false));
    context.set_val("eos_token", text_value(source.eos_token(), false));
    context.set_val("enable_thinking", jinja::mk_val<jinja::value_bool>(true));
    context.set_val("datetime", text_value(date_text(context.current_time, "%b %d %Y"), false));
    context.set_val("date_string", text_value(date_text(context.current_time, "%d %b %Y"), false));
    // Templates ask whether it is defined, too.
    if (add_generation_prompt)
      context.set_val("add_generation_prompt", jinja::mk_val<jinja::value_bool>(true));

    const auto rendered =
        jinja::runtime::gather_string_parts(jinja::runtime(context).execute(source.prog));
    std::vector<TemplatePart> parts;
    for (jinja::string_part& part : rendered->val_str.parts) {
      if (part.val.empty()) continue;
      if (!parts.empty() && parts.back().from_content == part.is_input)
        parts.back().text += part.val;
      else parts.emplace_back(std::move(part.val), part.is_input);
    }
    return parts;
  } catch (const std::exception& error) {
    return base::fail_field("messages", "The model's chat template refuses these messages: {}",
                            last_words(error.what()));
  }
}

}  // namespace shimmy::llama
