#include "api/chat_outlets.h"

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "api/choice_reader.h"
#include "api/event_stream.h"
#include "api/replies.h"
#include "api/usage_sum.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {
namespace {

namespace openai = protocol::openai;

using generation::FinishedEvent;
using generation::TextEvent;

std::vector<ChoiceReader> readers(const chat::AnswerFormat& format, std::size_t count) {
  std::vector<ChoiceReader> result;
  for (std::size_t i = 0; i < count; ++i) result.emplace_back(format);
  return result;
}

class ChatStream final : public Outlet {
 public:
  ChatStream(const openai::ChatHead& head, const chat::AnswerFormat& format, std::size_t choices)
      : writer_(head), readers_(readers(format, choices)) {}

  void begin(http::Exchange& exchange, std::function<void()> go_on) override {
    stream_.open(exchange, std::move(go_on));
    for (std::size_t i = 0; i < readers_.size(); ++i) stream_.write(writer_.start(i));
  }

  void text(std::size_t choice, const TextEvent& text) override {
    stream_.write(writer_.piece(choice, readers_[choice].read(text)));
  }

  void finished(std::size_t choice, const FinishedEvent& finished) override {
    ChoiceReader& reader = readers_[choice];
    stream_.write(writer_.piece(choice, reader.finish()) +
                  writer_.finish(choice, finished.reason, reader.has_tool_calls()));
    usage_.add(finished, reader.reasoning_tokens());
  }

  void completed(http::Exchange& exchange) override {
    usage_.note(exchange);
    stream_.finish(writer_.end(usage_.total()));
  }

  void failed(http::Exchange& /*exchange*/, const base::Error& error) override {
    stream_.finish(openai::encode_stream_error(error));
  }

  bool is_full() const override { return stream_.is_full(); }

 private:
  const openai::ChunkWriter writer_;
  std::vector<ChoiceReader> readers_;
  UsageSum usage_;
  EventStream stream_;
};

class ChatAnswer final : public Outlet {
 public:
  ChatAnswer(openai::ChatHead head, const chat::AnswerFormat& format, std::size_t choices)
      : head_(std::move(head)), readers_(readers(format, choices)), choices_(choices) {}

  void begin(http::Exchange& /*exchange*/, std::function<void()> /*go_on*/) override {}

  void text(std::size_t choice, const TextEvent& text) override {
    add(choice, readers_[choice].read(text));
  }

  void finished(std::size_t choice, const FinishedEvent& finished) override {
    add(choice, readers_[choice].finish());
    choices_[choice].reason = finished.reason;
    usage_.add(finished, readers_[choice].reasoning_tokens());
  }

  void completed(http::Exchange& exchange) override {
    usage_.note(exchange);
    exchange.respond(json_response(openai::encode_chat_answer(head_, choices_, usage_.total())));
  }

  void failed(http::Exchange& exchange, const base::Error& error) override {
    exchange.respond(error_response(openai::encode_error(error)));
  }

  bool is_full() const override { return false; }

 private:
  void add(std::size_t index, openai::ChatPiece piece) {
    openai::ChatChoice& choice = choices_[index];
    choice.content += piece.delta.content;
    choice.reasoning += piece.delta.reasoning;
    for (chat::ToolCallDelta& delta : piece.delta.tool_calls) {
      if (delta.index >= choice.tool_calls.size()) choice.tool_calls.resize(delta.index + 1);
      chat::ToolCall& call = choice.tool_calls[delta.index];
      call.id += delta.id;
      call.name += delta.name;
      call.arguments += delta.arguments;
    }
    std::ranges::move(piece.content_tokens, std::back_inserter(choice.content_tokens));
    std::ranges::move(piece.token_ids, std::back_inserter(choice.token_ids));
  }

  const openai::ChatHead head_;
  std::vector<ChoiceReader> readers_;
  std::vector<openai::ChatChoice> choices_;
  UsageSum usage_;
};

}  // namespace

std::unique_ptr<Outlet> chat_stream(const openai::ChatHead& head, const chat::AnswerFormat& format,
                                    std::size_t choices) {
  return std::make_unique<ChatStream>(head, format, choices);
}

std::unique_ptr<Outlet> chat_answer(openai::ChatHead head, const chat::AnswerFormat& format,
                                    std::size_t choices) {
  return std::make_unique<ChatAnswer>(std::move(head), format, choices);
}

}  // namespace shimmy::api
