#include "protocol/openai/tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "protocol/openai/unsupported.h"

namespace shimmy::protocol::openai {
namespace {

using chat::Tool;
using chat::ToolChoice;
using json::Fields;

constexpr std::size_t kMaxName = 128;
constexpr std::string_view kToolTypes[] = {"function", "custom"};
constexpr std::string_view kChoices[] = {"none", "auto", "required"};
constexpr std::string_view kModes[] = {"auto", "required"};

void fail_value(Fields& fields, std::string param, std::string message) {
  fields.fail(
      {base::ErrorCode::InvalidRequest, std::move(message), {}, std::move(param), "invalid_value"});
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

Tool decode_function(Fields& function) {
  Tool tool;
  tool.name = function.required_text("name");
  if (function.ok() && !is_name(tool.name)) {
    fail_value(function, function.path_of("name"),
               fmt::format("Invalid '{}': '{}' is no name of a tool. Expected 1 to {} of the "
                           "letters a-z, A-Z, 0-9, '_', '-' and '.'.",
                           function.path_of("name"), tool.name, kMaxName));
  }
  tool.description = function.text("description").value_or("");
  if (const boost::json::object* parameters = function.object("parameters"))
    tool.parameters = boost::json::serialize(*parameters);
  function.flag("strict");
  return tool;
}

Tool decode_tool(Fields& item) {
  const std::string type = item.required_text("type");
  if (item.ok() && type == "custom") {
    item.fail(unsupported(item.path_of("type"), "Tools of the type 'custom' are"));
  } else if (item.ok() && type != "function") {
    item.fail_value("type", type, kToolTypes);
  }
  Tool tool;
  if (item.find("function") == nullptr) item.fail_missing("function");
  json::with_member(item, "function", [&](Fields& function) { tool = decode_function(function); });
  return tool;
}

std::vector<Tool> decode_list(Fields& fields, std::string_view key, Tool (*decode)(Fields&)) {
  std::vector<Tool> tools;
  const boost::json::array* items = fields.array(key);
  if (items == nullptr) return tools;
  if (items->size() > kMaxTools) {
    fail_value(
        fields, std::string(key),
        fmt::format("Invalid '{}': {} tools. Expected {} at most.", key, items->size(), kMaxTools));
    return tools;
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < items->size() && fields.ok(); ++i) {
    json::with_object(fields, fmt::format("{}[{}]", key, i), (*items)[i],
                      [&](Fields& item) { tools.push_back(decode(item)); });
    if (fields.ok() && !names.insert(tools.back().name).second) {
      fail_value(
          fields, fmt::format("{}[{}]", key, i),
          fmt::format("Invalid '{}': two tools have the name '{}'.", key, tools.back().name));
    }
  }
  return tools;
}

bool has_tool(const std::vector<Tool>& tools, std::string_view name) {
  return std::ranges::any_of(tools, [&](const Tool& tool) { return tool.name == name; });
}

std::string chosen_name(Fields& fields, std::string_view key, Fields& holder,
                        const std::vector<Tool>& tools) {
  std::string name = holder.required_text("name");
  if (holder.ok() && !has_tool(tools, name)) {
    fail_value(
        fields, std::string(key),
        fmt::format("Invalid '{}': there is no tool of the name '{}' in the request.", key, name));
  }
  return name;
}

// {"type":"allowed_tools","allowed_tools":{"mode","tools":[{"type","function":{"name"}}]}}
void allow_only_some(Fields& choice, chat::Conversation& conversation) {
  if (choice.find("allowed_tools") == nullptr) choice.fail_missing("allowed_tools");
  json::with_member(choice, "allowed_tools", [&](Fields& allowed) {
    const std::string mode = allowed.required_text("mode");
    if (allowed.ok() && std::ranges::find(kModes, mode) == std::end(kModes))
      allowed.fail_value("mode", mode, kModes);
    std::set<std::string> names;
    const boost::json::array* items = allowed.required_array("tools");
    for (std::size_t i = 0; items != nullptr && i < items->size() && allowed.ok(); ++i) {
      json::with_object(
          allowed, fmt::format("{}[{}]", allowed.path_of("tools"), i), (*items)[i],
          [&](Fields& item) {
            json::with_member(item, "function", [&](Fields& function) {
              names.insert(chosen_name(choice, "tool_choice", function, conversation.tools));
            });
          });
    }
    std::erase_if(conversation.tools, [&](const Tool& tool) { return !names.contains(tool.name); });
    conversation.tool_choice.mode =
        mode == "required" ? ToolChoice::Mode::Required : ToolChoice::Mode::Auto;
  });
}

void decode_choice_object(Fields& choice, chat::Conversation& conversation) {
  const std::string type = choice.required_text("type");
  if (type == "allowed_tools") return allow_only_some(choice, conversation);
  if (choice.ok() && type != "function") {
    constexpr std::string_view types[] = {"function", "allowed_tools"};
    return choice.fail_value("type", type, types);
  }
  if (choice.find("function") == nullptr) choice.fail_missing("function");
  json::with_member(choice, "function", [&](Fields& function) {
    conversation.tool_choice = {ToolChoice::Mode::Named,
                                chosen_name(choice, "tool_choice", function, conversation.tools)};
    conversation.parallel_tool_calls = false;  // who names one tool wants one call
  });
}

void decode_word(Fields& fields, std::string_view key, std::string_view word,
                 chat::Conversation& conversation) {
  if (word == "none") conversation.tool_choice.mode = ToolChoice::Mode::None;
  else if (word == "auto") conversation.tool_choice.mode = ToolChoice::Mode::Auto;
  else if (word == "required") conversation.tool_choice.mode = ToolChoice::Mode::Required;
  else fields.fail_value(key, word, kChoices);
  if (word == "required" && conversation.tools.empty()) {
    fail_value(fields, std::string(key),
               fmt::format("Invalid '{}': 'required' needs at least one tool.", key));
  }
}

void decode_choice(Fields& fields, std::string_view key, chat::Conversation& conversation,
                   void (*decode_object)(Fields&, chat::Conversation&)) {
  const boost::json::value* choice = fields.find(key);
  if (choice == nullptr) return;
  if (const auto* word = choice->if_string())
    return decode_word(fields, key, json::view(*word), conversation);
  if (!choice->is_object()) return fields.fail_type(key, "a string or an object", *choice);
  json::with_member(fields, key, [&](Fields& object) { decode_object(object, conversation); });
}

void decode_old_choice(Fields& choice, chat::Conversation& conversation) {
  conversation.tool_choice = {ToolChoice::Mode::Named,
                              chosen_name(choice, "function_call", choice, conversation.tools)};
}

}  // namespace

bool decode_tools(Fields& fields, chat::Conversation& conversation) {
  conversation.parallel_tool_calls = fields.flag("parallel_tool_calls").value_or(true);
  conversation.tools = decode_list(fields, "tools", decode_tool);
  if (!conversation.tools.empty() || fields.find("functions") == nullptr) {
    decode_choice(fields, "tool_choice", conversation, decode_choice_object);
    return false;
  }
  conversation.tools = decode_list(fields, "functions", decode_function);
  conversation.parallel_tool_calls = false;  // the older form has room for one call
  decode_choice(fields, "function_call", conversation, decode_old_choice);
  return true;
}

}  // namespace shimmy::protocol::openai
