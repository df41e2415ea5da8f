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
  if (!message.ok()) return role;
  if (!contains(kRoles, role)) {
    message.fail_value("role", role, kRoles);
  } else if (role == "tool" || role == "function") {
    message.fail(
        unsupported(message.path_of("role"), fmt::format("Messages of the role '{}' are", role)));
  }
  return role == "developer" ? "system" : role;
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
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::string path = fmt::format("{}[{}]", message.path_of("content"), i);
    const boost::json::object* object = parts[i].if_object();
    if (object == nullptr) {
      message.fail(json::type_error(std::move(path), "an object", parts[i]));
      return {};
    }
    Fields part(*object, std::move(path));
    if (i > 0) text += '\n';
    text += decode_part(part);
    if (part.error()) message.fail(*part.error());
  }
  return text;
}

std::string decode_content(Fields& message, std::string_view role) {
  const boost::json::value* content = message.find("content");
  if (content == nullptr) {
    // An assistant that refused has its words elsewhere.
    auto refusal = role == "assistant" ? message.text("refusal") : std::nullopt;
    if (!refusal) message.fail_missing("content");
    return std::move(refusal).value_or("");
  }
  if (const auto* text = content->if_string()) return std::string(json::view(*text));
  if (const auto* parts = content->if_array()) return decode_parts(message, *parts);
  message.fail_type("content", "a string or an array of content parts", *content);
  return {};
}

void refuse_calls(Fields& message) {
  for (const std::string_view key : {"tool_calls", "function_call"}) {
    const boost::json::value* calls = message.find(key);
    if (calls == nullptr || (calls->is_array() && calls->get_array().empty())) continue;
    message.fail(unsupported(message.path_of(key), fmt::format("'{}' in a message is", key)));
  }
}

chat::Message decode_message(Fields& message) {
  chat::Message decoded;
  decoded.role = decode_role(message);
  refuse_calls(message);
  if (message.ok()) decoded.content = decode_content(message, decoded.role);
  return decoded;
}

}  // namespace

std::vector<chat::Message> decode_messages(Fields& fields) {
  std::vector<chat::Message> messages;
  const boost::json::array* items = fields.required_array("messages");
  if (items == nullptr) return messages;
  messages.reserve(items->size());
  for (std::size_t i = 0; i < items->size() && fields.ok(); ++i) {
    std::string path = fmt::format("messages[{}]", i);
    const boost::json::object* object = (*items)[i].if_object();
    if (object == nullptr) {
      fields.fail(json::type_error(std::move(path), "an object", (*items)[i]));
      break;
    }
    Fields message(*object, std::move(path));
    messages.push_back(decode_message(message));
    if (message.error()) fields.fail(*message.error());
  }
  return messages;
}

}  // namespace shimmy::protocol::openai
