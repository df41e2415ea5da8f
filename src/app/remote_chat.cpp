#include "app/remote_chat.h"

#include <boost/json.hpp>
#include <utility>

namespace shimmy::app {
namespace {

namespace json = boost::json;
using base::ErrorCode;
using base::Result;

const json::value* member(const json::value* value, std::string_view key) {
  const json::object* object = value != nullptr ? value->if_object() : nullptr;
  return object != nullptr ? object->if_contains(json::string_view(key.data(), key.size()))
                           : nullptr;
}

std::string text(const json::value* value) {
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

template <class Number>
Number number(const json::value* value) {
  boost::system::error_code error;
  const Number result = value != nullptr ? value->to_number<Number>(error) : Number{};
  return error ? Number{} : result;
}

// One answer as it comes, chunk by chunk.
class ChunkReader {
 public:
  explicit ChunkReader(const ChatModel::Show& show) : show_(show) {}

  Result<void> take(std::string_view data) {
    if (data == "[DONE]") {
      is_done_ = true;
      return {};
    }
    boost::system::error_code failed;
    const json::value chunk = json::parse(json::string_view(data.data(), data.size()), failed);
    if (failed) {
      return base::fail(ErrorCode::Unavailable, "The server sent an event that is not JSON.");
    }
    if (const json::value* error = member(&chunk, "error")) return refuse(*error);
    read_measures(chunk);
    const json::value* choices = member(&chunk, "choices");
    if (choices == nullptr || !choices->is_array() || choices->get_array().empty()) return {};
    return read_choice(choices->get_array().front());
  }

  bool is_done() const { return is_done_; }
  bool is_wanted() const { return is_wanted_; }
  ChatAnswer& answer() { return answer_; }

 private:
  static Result<void> refuse(const json::value& error) {
    const std::string message = text(member(&error, "message"));
    return base::fail(ErrorCode::GenerationFailed, "{}",
                      message.empty() ? "The server could not go on." : message);
  }

  Result<void> read_choice(const json::value& choice) {
    if (std::string reason = text(member(&choice, "finish_reason")); !reason.empty()) {
      answer_.finish_reason = std::move(reason);
    }
    const json::value* delta = member(&choice, "delta");
    const ChatPiece piece{text(member(delta, "reasoning_content")), text(member(delta, "content"))};
    if (piece.thoughts.empty() && piece.text.empty()) return {};
    is_wanted_ = show_(piece);
    if (is_wanted_) return {};
    return base::fail(ErrorCode::Cancelled, "No more is wanted.");
  }

  void read_measures(const json::value& chunk) {
    if (const json::value* usage = member(&chunk, "usage");
        usage != nullptr && usage->is_object()) {
      answer_.usage.prompt_tokens = number<std::size_t>(member(usage, "prompt_tokens"));
      answer_.usage.completion_tokens = number<std::size_t>(member(usage, "completion_tokens"));
      answer_.usage.cached_tokens =
          number<std::size_t>(member(member(usage, "prompt_tokens_details"), "cached_tokens"));
    }
    if (const json::value* timings = member(&chunk, "timings")) {
      answer_.timings.prefill_ms = number<double>(member(timings, "prompt_ms"));
      answer_.timings.decode_ms = number<double>(member(timings, "predicted_ms"));
      answer_.timings.ttft_ms = answer_.timings.prefill_ms;
    }
  }

  const ChatModel::Show& show_;
  ChatAnswer answer_{"interrupted", {}, {}};
  bool is_done_ = false;
  bool is_wanted_ = true;
};

class RemoteChat final : public ChatModel {
 public:
  RemoteChat(ServerClient& client, std::string model) : client_(client), model_(std::move(model)) {}

  const std::string& name() const override { return model_; }
  const std::string& place() const override { return client_.address().shown; }

  Result<ChatAnswer> ask(const ChatQuestion& question, const Show& show,
                         std::stop_token stop) override {
    ChunkReader reader(show);
    const auto sent = client_.post_for_events(
        "/v1/chat/completions", chat_request_json(model_, question),
        [&](std::string_view data) { return reader.take(data); }, stop);
    if (!sent && !stop.stop_requested() && reader.is_wanted()) {
      return std::unexpected(sent.error());
    }
    if (sent && !reader.is_done()) {
      return base::fail(ErrorCode::Unavailable, "The server broke off its answer.");
    }
    return std::move(reader.answer());
  }

 private:
  ServerClient& client_;
  const std::string model_;
};

}  // namespace

std::string chat_request_json(const std::string& model, const ChatQuestion& question) {
  json::array messages;
  for (const ChatMessage& message : question.messages) {
    messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  json::object body{{"model", model},
                    {"messages", std::move(messages)},
                    {"stream", true},
                    {"stream_options", {{"include_usage", true}}}};
  const models::ModelDefaults& settings = question.settings;
  const auto add = [&](const char* name, const auto& value) {
    if (value) body[name] = *value;
  };
  add("temperature", settings.temperature);
  add("top_p", settings.top_p);
  add("min_p", settings.min_p);
  add("typical_p", settings.typical_p);
  add("repeat_penalty", settings.repeat_penalty);
  add("frequency_penalty", settings.frequency_penalty);
  add("presence_penalty", settings.presence_penalty);
  add("top_k", settings.top_k);
  add("repeat_last_n", settings.penalty_last_n);
  add("seed", settings.seed);
  if (settings.max_tokens && *settings.max_tokens >= 0) body["max_tokens"] = *settings.max_tokens;
  if (!settings.stop.empty()) body["stop"] = json::value_from(settings.stop);
  return json::serialize(body);
}

std::unique_ptr<ChatModel> remote_chat(ServerClient& client, std::string model) {
  return std::make_unique<RemoteChat>(client, std::move(model));
}

}  // namespace shimmy::app
