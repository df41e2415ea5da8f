#include "protocol/openai/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "protocol/openai/unsupported.h"

namespace shimmy::protocol::openai {
namespace {

using json::Fields;

constexpr std::string_view kRoles[] = {"system",   "assistant", "user",
                                       "function", "tool",      "developer"};
constexpr std::string_view kPartTypes[] = {"text", "refusal", "image_url", "input_audio", "file"};

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::string decode_role(Fields& message) {
  std::string role = message.required_text("role");
  if (message.ok() && !contains(kRoles, role)) message.fail_value("role", role, kRoles);
  if (role == "developer") return "system";
  return role == "function" ? "tool" : role;
}

std::string decode_part(Fields& part) {
  const std::string type = part.required_text("type");
  if (!part.ok()) return {};
  if (type == "text" || type == "refusal") return part.required_text(type);
  if (contains(kPartTypes, type)) {
    part.fail(
        unsupported(part.path_of("type"), fmt::format("Content parts of the type '{}' are", type)));
  } else {
    part.fail_value("type", type, kPartTypes);
  }
  return {};
}

std::string decode_parts(Fields& message, const boost::json::array& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size() && message.ok(); ++i) {
    if (i > 0) text += '\n';
    json::with_object(message, fmt::format("{}[{}]", message.path_of("content"), i), parts[i],
                      [&](Fields& part) { text += decode_part(part); });
  }
  return text;
}

// An assistant that called tools or refused need not say anything.
bool may_be_silent(const Fields& message, std::string_view role) {
  return role == "assistant" &&
         (message.find("tool_calls") != nullptr || message.find("function_call") != nullptr ||
          message.find("refusal") != nullptr);
}

std::string decode_content(Fields& message, std::string_view role) {
  const boost::json::value* content = message.find("content");
  if (content == nullptr) {
    if (!may_be_silent(message, role)) message.fail_missing("content");
    return role == "assistant" ? message.text("refusal").value_or("") : "";
  }
  if (const auto* text = content->if_string()) return std::string(json::view(*text));
  if (const auto* parts = content->if_array()) return decode_parts(message, *parts);
  message.fail_type("content", "a string or an array of content parts", *content);
  return {};
}

chat::ToolCall decode_function(Fields& function) {
  chat::ToolCall call;
  call.name = function.required_text("name");
  const boost::json::value* arguments = function.find("arguments");
  // Some clients send the object itself.
  if (arguments != nullptr && arguments->is_object()) {
    call.arguments = boost::json::serialize(*arguments);
  } else {
    call.arguments = function.text("arguments").value_or("{}");
  }
  return call;
}

std::vector<chat::ToolCall> decode_tool_calls(Fields& message) {
  std::vector<chat::ToolCall> calls;
  if (const boost::json::array* items = message.array("tool_calls")) {
    for (std::size_t i = 0; i < items->size() && message.ok(); ++i) {
      json::with_object(message, fmt::format("{}[{}]", message.path_of("tool_calls"), i),
                        (*items)[i], [&](Fields& item) {
                          if (item.find("function") == nullptr) item.fail_missing("function");
                          json::with_member(item, "function", [&](Fields& function) {
                            calls.push_back(decode_function(function));
                            calls.back().id = item.text("id").value_or("");
                          });
                        });
    }
  }
  json::with_member(message, "function_call",
                    [&](Fields& function) { calls.push_back(decode_function(function)); });
  return calls;
}

chat::Message decode_message(Fields& message) {
  chat::Message decoded;
  decoded.role = decode_role(message);
  if (!message.ok()) return decoded;
  decoded.content = decode_content(message, decoded.role);
  decoded.name = message.text("name").value_or("");
  if (decoded.role == "assistant") {
    decoded.tool_calls = decode_tool_calls(message);
    decoded.reasoning = message.text("reasoning_content")
                            .or_else([&] { return message.text("reasoning"); })
                            .value_or("");
  }
  decoded.tool_call_id = message.text("tool_call_id").value_or("");
  return decoded;
}

}  // namespace

std::vector<chat::Message> decode_messages(Fields& fields) {
  std::vector<chat::Message> messages;
  const boost::json::array* items = fields.required_array("messages");
  if (items == nullptr) return messages;
  messages.reserve(items->size());
  for (std::size_t i = 0; i < items->size() && fields.ok(); ++i) {
    json::with_object(fields, fmt::format("messages[{}]", i), (*items)[i],
                      [&](Fields& message) { messages.push_back(decode_message(message)); });
  }
  return messages;
}

}  // namespace shimmy::protocol::openai
