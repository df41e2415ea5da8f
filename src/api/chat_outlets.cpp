#include "api/chat_outlets.h"

#include <string>
#include <utility>

#include "api/replies.h"
#include "http/sse.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {
namespace {

namespace openai = protocol::openai;

class ChatStream final : public Outlet {
 public:
  ChatStream(const openai::ChatHead& head, bool include_usage) : writer_(head, include_usage) {}

  void begin(http::Exchange& exchange, std::function<void()> go_on) override {
    http::Response head;
    head.content_type = http::kSseContentType;
    stream_ = exchange.start_stream(std::move(head));
    stream_->on_drained(std::move(go_on));
    stream_->write(writer_.start());
  }

  void text(std::string_view text) override { stream_->write(writer_.text(text)); }

  void finished(http::Exchange& /*exchange*/, const generation::FinishedEvent& finished) override {
    stream_->write(writer_.finish(finished));
    stream_->finish();
  }

  void failed(http::Exchange& /*exchange*/, const base::Error& error) override {
    stream_->write(openai::encode_stream_error(error));
    stream_->finish();
  }

  bool is_full() const override { return stream_->is_full(); }

 private:
  const openai::ChunkWriter writer_;
  std::shared_ptr<http::BodyStream> stream_;
};

class ChatAnswer final : public Outlet {
 public:
  explicit ChatAnswer(openai::ChatHead head) : head_(std::move(head)) {}

  void begin(http::Exchange& /*exchange*/, std::function<void()> /*go_on*/) override {}

  void text(std::string_view text) override { text_ += text; }

  void finished(http::Exchange& exchange, const generation::FinishedEvent& finished) override {
    exchange.respond(json_response(openai::encode_chat_answer(head_, text_, finished)));
  }

  void failed(http::Exchange& exchange, const base::Error& error) override {
    exchange.respond(error_response(openai::encode_error(error)));
  }

  bool is_full() const override { return false; }

 private:
  const openai::ChatHead head_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Outlet> chat_stream(const openai::ChatHead& head, bool include_usage) {
  return std::make_unique<ChatStream>(head, include_usage);
}

std::unique_ptr<Outlet> chat_answer(openai::ChatHead head) {
  return std::make_unique<ChatAnswer>(std::move(head));
}

}  // namespace shimmy::api
