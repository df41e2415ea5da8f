#include "api/generate_socket.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "api/generate.h"
#include "protocol/native/generate_answer.h"

namespace shimmy::api {
namespace {

namespace native = protocol::native;

using base::Error;
using base::ErrorCode;
using base::Result;

// A generation that runs, and the engine that must stay meanwhile.
struct Running {
  std::shared_ptr<generation::Engine> engine;
  std::unique_ptr<generation::Generation> generation;
};

Result<Running> start(ModelProvider& models, http::WebSocket& socket, const std::string& message) {
  auto wanted = native::decode_generate_request(message);
  if (!wanted) return std::unexpected(std::move(wanted).error());
  auto plan = plan_generate(models, message, std::move(*wanted));
  if (!plan) return std::unexpected(std::move(plan).error());
  plan->prompt.request.client = socket.request().client;
  auto generations = submit(*plan->model.engine, plan->prompt.request, 1, "prompt");
  if (!generations) return std::unexpected(std::move(generations).error());
  socket.charge(static_cast<std::int64_t>(plan->prompt.request.prompt.size()));
  return Running{std::move(plan->model.engine), std::move(generations->front())};
}

// Kept alive by the socket's callbacks; used on the I/O thread only.
class GenerateSocket : public std::enable_shared_from_this<GenerateSocket> {
 public:
  GenerateSocket(ModelProvider& models, std::shared_ptr<http::WebSocket> socket)
      : models_(models), socket_(std::move(socket)) {}

  void open() {
    const auto self = shared_from_this();
    socket_->on_message([self](std::string text) { self->received(std::move(text)); });
    socket_->on_drained([self] { self->go_on(); });
    socket_->on_close([self] { self->end(); });
    socket_->on_draining([self] {
      self->is_draining_ = true;
      self->next();
    });
    socket_->on_stopping([self] {
      self->refuse({ErrorCode::Unavailable, "The server is stopping.", {}, {}});
      self->close();
    });
  }

 private:
  void received(std::string text) {
    if (is_draining_) {
      refuse({ErrorCode::Unavailable, "The server is stopping.", {}, {}});
    } else if (waiting_.size() >= kMaxWaitingMessages) {
      refuse({ErrorCode::Overloaded,
              "Too many requests wait on this socket: read the answers first.",
              {},
              {}});
    } else {
      waiting_.push_back(std::move(text));
      next();
    }
  }

  // Begins what waits, unless something is going on.
  void next() {
    if (!socket_ || is_starting_ || running_) return;
    if (waiting_.empty()) {
      if (is_draining_) close();
      return;
    }
    is_starting_ = true;
    std::string message = std::move(waiting_.front());
    waiting_.pop_front();
    const bool accepted =
        socket_->work([self = shared_from_this(), socket = socket_, message = std::move(message)] {
          auto started = std::make_shared<Result<Running>>(start(self->models_, *socket, message));
          socket->post([self, started] { self->started(std::move(*started)); });
        });
    if (accepted) return;
    is_starting_ = false;
    refuse({ErrorCode::Overloaded, "The server is overloaded. Try again in a second.", {}, {}});
    next();
  }

  void started(Result<Running> started) {
    is_starting_ = false;
    if (!socket_) return;
    if (!started) {
      refuse(started.error());
      next();
      return;
    }
    running_ = std::move(*started);
    running_->generation->on_event(
        [weak = weak_from_this(), socket = std::weak_ptr<http::WebSocket>(socket_)] {
          const auto alive = socket.lock();
          if (!alive) return;
          alive->post([weak] {
            if (const auto self = weak.lock()) self->go_on();
          });
        });
    go_on();
  }

  void go_on() {
    while (running_ && !socket_->is_full()) {
      const std::optional<generation::Event> event = running_->generation->poll();
      if (!event) return;
      hand_over(*event);
    }
  }

  void hand_over(const generation::Event& event) {
    if (const auto* text = std::get_if<generation::TextEvent>(&event)) {
      socket_->charge(static_cast<std::int64_t>(text->tokens.size()));
      if (!text->text.empty()) socket_->send(native::encode_token_frame(text->text));
      return;
    }
    if (const auto* finished = std::get_if<generation::FinishedEvent>(&event)) {
      socket_->send(native::encode_done_frame(*finished));
    } else if (const auto* error = std::get_if<Error>(&event)) {
      refuse(*error);
    }
    running_.reset();
    next();
  }

  void refuse(const Error& error) {
    if (socket_) socket_->send(native::encode_error_frame(error));
  }

  void close() {
    if (!socket_) return;
    const auto socket = socket_;
    end();
    socket->close(http::CloseCode::GoingAway, "The server is stopping.");
  }

  // Destroying the generation is what cancels it.
  void end() {
    running_.reset();
    waiting_.clear();
    socket_.reset();
  }

  ModelProvider& models_;
  std::shared_ptr<http::WebSocket> socket_;  // null after the end
  std::deque<std::string> waiting_;
  std::optional<Running> running_;
  bool is_starting_ = false;  // a worker is at it
  bool is_draining_ = false;
};

}  // namespace

http::WebSocketHandler generate_socket(const Dependencies& dependencies) {
  return [&models = dependencies.models](std::shared_ptr<http::WebSocket> socket) {
    std::make_shared<GenerateSocket>(models, std::move(socket))->open();
  };
}

}  // namespace shimmy::api
