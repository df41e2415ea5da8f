#include "llama/template_values.h"

#include <chat.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <ctime>
#include <utility>

#include "llama/tool_sections.h"

namespace shimmy::llama {
namespace {

using jinja::mk_val;
using jinja::value;
using jinja::value_array;
using jinja::value_bool;
using jinja::value_object;

value plain(std::string_view text) { return mk_val<jinja::value_string>(std::string(text)); }

value marked(std::string text) {
  auto made = mk_val<jinja::value_string>(std::move(text));
  made->mark_input();
  return made;
}

// Schemas and arguments with every text in them fenced: names, keys and values alike.
value fenced_json(const common_json& json) {
  if (json.is_string()) return marked(fence(json.get<std::string>()));
  if (json.is_array()) {
    auto list = mk_val<value_array>();
    for (const auto& item : json) list->push_back(fenced_json(item));
    return list;
  }
  if (json.is_object()) {
    auto object = mk_val<value_object>();
    for (const auto& [key, item] : json.items()) object->insert(fence(key), fenced_json(item));
    return object;
  }
  if (json.is_boolean()) return mk_val<value_bool>(json.get<bool>());
  if (json.is_number_integer()) return mk_val<jinja::value_int>(json.get<std::int64_t>());
  if (json.is_number()) return mk_val<jinja::value_float>(json.get<double>());
  return mk_val<jinja::value_none>();
}

// The ids that a template's model was trained on: clients may bring any.
class CallIds {
 public:
  explicit CallIds(const std::string& source)
      : wants_nine_(source.contains("length != 9") || source.contains("length == 9")),
        wants_places_(source.contains("<|tool_call_begin|>") &&
                      source.contains("<|tool_call_argument_begin|>")) {}

  std::string of_call(const TemplateCall& call) {
    if (wants_nine_) return nine(call.id);
    if (!wants_places_) return std::string(call.id);
    std::string id = fmt::format("functions.{}:{}", call.name, places_.size());
    places_.emplace_back(call.id, id);
    return id;
  }

  std::string of_result(std::string_view id) const {
    if (wants_nine_) return nine(id);
    for (const auto& [known, place] : places_) {
      if (known == id) return place;
    }
    return std::string(id);
  }

 private:
  // Nine letters or digits: the id itself if it has that form.
  static std::string nine(std::string_view id) {
    static constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz";
    const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0; };
    if (id.size() == 9 && std::ranges::all_of(id, is_plain)) return std::string(id);
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    std::string made;
    for (int i = 0; i < 9; ++i, hash /= kLetters.size()) made += kLetters[hash % kLetters.size()];
    return made;
  }

  bool wants_nine_;
  bool wants_places_;
  std::vector<std::pair<std::string_view, std::string>> places_;
};

class MessageValues {
 public:
  explicit MessageValues(const common_chat_template& source)
      : caps_(source.caps),
        ids_(source.source()),
        speaks_of_thinking_(names_field(source.source(), "thinking")),
        takes_blocks_(is_block_template(source.source())),
        in_channels_(source.source().contains("<|channel|>")) {}

  value make(TemplateMessage message) {
    std::string thoughts;
    // gpt-oss: what is said before a call is a thought, and the template takes only one of both.
    if (in_channels_ && !message.calls.empty() && !message.reasoning.empty()) {
      thoughts = fmt::format("{}\n{}", message.reasoning, message.content);
      message.reasoning = trim_end(thoughts);
      message.content = {};
    }
    auto object = mk_val<value_object>();
    object->insert("role", plain(message.role));
    object->insert("content", content(message));
    if (!message.reasoning.empty() && !takes_blocks_) {
      const value reasoning = marked(fence_answer(message.reasoning));
      object->insert("reasoning_content", reasoning);
      if (speaks_of_thinking_) object->insert("thinking", reasoning);
    }
    if (!message.name.empty()) object->insert("name", marked(fence(message.name)));
    if (!message.tool_call_id.empty())
      object->insert("tool_call_id", marked(fence(ids_.of_result(message.tool_call_id))));
    if (!message.calls.empty()) object->insert("tool_calls", calls(message));
    return object;
  }

 private:
  static std::string_view trim_end(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    return text;
  }

  static bool names_field(const std::string& source, const std::string& field) {
    return source.contains("." + field) || source.contains("'" + field + "'") ||
           source.contains("\"" + field + "\"");
  }

  // Mistral's newer templates want thoughts as a content part of their own.
  static bool is_block_template(const std::string& source) {
    return source.contains("[SYSTEM_PROMPT]") && source.contains("[TOOL_CALLS]") &&
           source.contains("[ARGS]") && !source.contains("[CALL_ID]");
  }

  static value typed_part(const char* type, const char* field, const value& text) {
    auto part = mk_val<value_object>();
    part->insert("type", plain(type));
    part->insert(field, text);
    return part;
  }

  value content(const TemplateMessage& message) const {
    const bool is_answer = message.role == "assistant";
    const value text = marked(is_answer ? fence_answer(message.content) : fence(message.content));
    const bool in_blocks = takes_blocks_ && (is_answer || message.role == "system");
    if (!in_blocks && (caps_.supports_string_content || !caps_.supports_typed_content)) return text;
    auto parts = mk_val<value_array>();
    if (in_blocks && !message.reasoning.empty())
      parts->push_back(typed_part("thinking", "thinking", marked(fence(message.reasoning))));
    parts->push_back(typed_part("text", "text", text));
    return parts;
  }

  value calls(const TemplateMessage& message) {
    auto list = mk_val<value_array>();
    for (const TemplateCall& call : message.calls) {
      auto function = mk_val<value_object>();
      function->insert("name", marked(fence(call.name)));
      function->insert("arguments", arguments(call.arguments));
      auto object = mk_val<value_object>();
      object->insert("type", plain("function"));
      object->insert("function", function);
      if (!call.id.empty()) object->insert("id", marked(fence(ids_.of_call(call))));
      list->push_back(object);
    }
    return list;
  }

  value arguments(std::string_view text) const {
    if (caps_.supports_object_arguments) {
      const auto json = common_json::parse_no_throw(std::string(text));
      if (json.is_object()) return fenced_json(json);
      if (text.empty()) return mk_val<value_object>();
    }
    return marked(fence(text));
  }

  const jinja::caps& caps_;
  CallIds ids_;
  bool speaks_of_thinking_;
  bool takes_blocks_;
  bool in_channels_;
};

std::vector<TemplateMessage> without_system_role(std::span<const TemplateMessage> messages,
                                                 std::vector<std::string>& texts) {
  texts.reserve(messages.size() + 1);  // views into its elements are handed out
  std::vector<TemplateMessage> kept;
  std::string pending;
  for (const TemplateMessage& message : messages) {
    if (message.role == "system") {
      pending.append(message.content).append("\n");
      continue;
    }
    kept.push_back(message);
    if (pending.empty()) continue;
    texts.push_back(std::exchange(pending, {}).append(message.content));
    kept.back().content = texts.back();
  }
  if (!pending.empty()) {
    pending.pop_back();
    texts.push_back(std::move(pending));
    kept.push_back({"user", texts.back()});
  }
  return kept;
}

value messages_value(const common_chat_template& source,
                     std::span<const TemplateMessage> messages) {
  std::vector<std::string> texts;
  std::vector<TemplateMessage> merged;
  if (!source.caps.supports_system_role) {
    merged = without_system_role(messages, texts);
    messages = merged;
  }
  MessageValues values(source);
  auto list = mk_val<value_array>();
  for (const TemplateMessage& message : messages) list->push_back(values.make(message));
  return list;
}

base::Result<std::vector<value>> tools_value(std::span<const TemplateTool> tools) {
  std::vector<value> list;
  for (const TemplateTool& tool : tools) {
    const auto parameters = common_json::parse_no_throw(std::string(tool.parameters));
    if (parameters.is_discarded()) {
      return base::fail_field("tools", "The parameters of tool '{}' are not JSON.", tool.name);
    }
    auto function = mk_val<value_object>();
    function->insert("name", marked(fence(tool.name)));
    function->insert("description", marked(fence(tool.description)));
    function->insert("parameters", fenced_json(parameters));
    auto object = mk_val<value_object>();
    object->insert("type", plain("function"));
    object->insert("function", function);
    list.push_back(object);
  }
  return list;
}

std::string key_of(const TemplateInputs& inputs) {
  std::string key;
  const auto add = [&](std::string_view text) {
    key += std::to_string(text.size());
    key.append(":").append(text);
  };
  for (const TemplateTool& tool : inputs.tools) {
    add(tool.name);
    add(tool.description);
    add(tool.parameters);
  }
  for (const auto& [name, text] : inputs.variables) {
    add(name);
    add(text);
  }
  return key;
}

std::string date_text(std::time_t time, const char* format) {
  std::tm local{};
  localtime_r(&time, &local);
  char text[32];
  return {text, std::strftime(text, sizeof text, format, &local)};
}

void set_flags(jinja::context& context, const TemplateInputs& inputs) {
  context.set_val("enable_thinking", mk_val<value_bool>(inputs.enable_thinking.value_or(true)));
  context.set_val("datetime", plain(date_text(context.current_time, "%b %d %Y")));
  context.set_val("date_string", plain(date_text(context.current_time, "%d %b %Y")));
  // Templates ask whether it is defined, too.
  if (inputs.add_generation_prompt)
    context.set_val("add_generation_prompt", mk_val<value_bool>(true));
  if (!inputs.reasoning_effort.empty())
    jinja::caps_apply_reasoning_effort(context, std::string(inputs.reasoning_effort));
}

base::Result<void> set_further(jinja::context& context, const TemplateInputs& inputs) {
  for (const auto& [name, text] : inputs.variables) {
    const auto json = common_json::parse_no_throw(text);
    if (json.is_discarded()) {
      return base::fail_field("chat_template_kwargs",
                              "The value of '{}' in chat_template_kwargs is not JSON.", name);
    }
    context.set_val(name, fenced_json(json));
  }
  return {};
}

}  // namespace

base::Result<void> set_variables(jinja::context& context, const common_chat_template& source,
                                 ToolSections& tool_sections, const TemplateInputs& inputs) {
  context.set_val("messages", messages_value(source, inputs.messages));
  if (!inputs.tools.empty()) {
    auto tools = tools_value(inputs.tools);
    if (!tools) return std::unexpected(std::move(tools.error()));
    context.set_val("tools", tool_sections.tools(std::move(*tools), key_of(inputs)));
  }
  context.set_val("bos_token", plain(source.bos_token()));
  context.set_val("eos_token", plain(source.eos_token()));
  set_flags(context, inputs);
  return set_further(context, inputs);
}

}  // namespace shimmy::llama
