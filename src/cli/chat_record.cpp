#include "cli/chat_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "app/text_file.h"
#include "cli/chat_settings.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;
using app::ChatMessage;
using base::ErrorCode;
using base::fail;
using base::Result;

std::string as_json(const ChatRecord& record) {
  json::array messages;
  for (const ChatMessage& message : record.messages) {
    messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  return json::serialize(json::object{{"model", record.model},
                                      {"system", record.system},
                                      {"parameters", parameters_json(record.settings)},
                                      {"messages", std::move(messages)}}) +
         '\n';
}

std::string text(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::optional<std::vector<ChatMessage>> messages(const json::object& object) {
  const json::value* list = object.if_contains("messages");
  if (list == nullptr || !list->is_array()) return std::nullopt;
  std::vector<ChatMessage> result;
  for (const json::value& entry : list->get_array()) {
    const json::object* message = entry.if_object();
    if (message == nullptr) return std::nullopt;
    ChatMessage said{text(*message, "role"), text(*message, "content")};
    const char* turn = result.size() % 2 == 0 ? "user" : "assistant";
    if (said.role != turn) return std::nullopt;
    result.push_back(std::move(said));
  }
  return result;
}

std::unexpected<base::Error> no_chat(const std::string& path) {
  return fail(ErrorCode::Io, "The file {} is no chat that /save has written.", path);
}

Result<void> write_all(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      return fail(ErrorCode::Io, "The file {} cannot be written: {}.", path, std::strerror(errno));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

app::ChatQuestion ChatRecord::question() const {
  app::ChatQuestion result{{}, settings};
  if (!system.empty()) result.messages.push_back({"system", system});
  result.messages.insert(result.messages.end(), messages.begin(), messages.end());
  return result;
}

Result<void> save_chat(const ChatRecord& record, const std::string& path) {
  const std::string next = path + ".new";
  const int descriptor = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(ErrorCode::Io, "The file {} cannot be made: {}.", next, std::strerror(errno));
  }
  auto written = write_all(descriptor, as_json(record), next);
  close(descriptor);
  if (written && rename(next.c_str(), path.c_str()) != 0) {
    written =
        fail(ErrorCode::Io, "The file {} cannot be replaced: {}.", path, std::strerror(errno));
  }
  if (!written) unlink(next.c_str());
  return written;
}

Result<ChatRecord> load_chat(const std::string& path) {
  const auto file = app::read_text_file(path);
  if (!file) return std::unexpected(file.error());
  boost::system::error_code error;
  const json::value value = json::parse(*file, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return no_chat(path);
  auto said = messages(*object);
  if (!said) return no_chat(path);
  ChatRecord record{text(*object, "model"), text(*object, "system"), {}, std::move(*said)};
  if (const json::value* parameters = object->if_contains("parameters")) {
    if (!parameters->is_object()) return no_chat(path);
    auto settings = parameters_from(parameters->get_object());
    if (!settings) return std::unexpected(std::move(settings).error());
    record.settings = std::move(*settings);
  }
  return record;
}

}  // namespace shimmy::cli
