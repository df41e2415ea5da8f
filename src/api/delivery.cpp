#include "api/delivery.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

namespace shimmy::api {
namespace {

using generation::Event;

// Kept alive by the exchange's on_disconnect callback; the references among exchange, delivery and
// generations form a ring that end() opens. Constructed on any thread, then used on the I/O thread
// only. The engine's thread touches weak pointers alone, so it never destroys any of this.
class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  Delivery(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<generation::Engine> engine,
           Generations generations, std::unique_ptr<Outlet> outlet)
      : exchange_(std::move(exchange)),
        engine_(std::move(engine)),
        generations_(std::move(generations)),
        running_(generations_.size()),
        outlet_(std::move(outlet)) {}

  void start() {
    exchange_->on_disconnect([self = shared_from_this()] { self->client_went(); });
    if (is_over()) return;  // gone already
    exchange_->on_stopping([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->stop();
    });
    outlet_->begin(*exchange_, [weak = weak_from_this()] { continue_if_alive(weak); });
    for (const auto& generation : generations_) {
      generation->on_event(
          [weak = weak_from_this(), exchange = std::weak_ptr<http::Exchange>(exchange_)] {
            if (const auto alive = exchange.lock())
              alive->post([weak] { continue_if_alive(weak); });
          });
    }
    go_on();
  }

 private:
  static void continue_if_alive(const std::weak_ptr<Delivery>& weak) {
    if (const auto self = weak.lock()) self->go_on();
  }

  bool is_over() const { return exchange_ == nullptr; }

  void go_on() {
    if (is_going_on_) return;  // the outlet called back from within a write
    is_going_on_ = true;
    while (take_round()) {
    }
    is_going_on_ = false;
  }

  // At most one event of each generation, so that all get on alike. False when there was none.
  bool take_round() {
    bool took = false;
    for (std::size_t i = 0; i < generations_.size(); ++i) {
      if (is_over() || outlet_->is_full()) return false;
      if (!generations_[i]) continue;
      const std::optional<Event> event = generations_[i]->poll();
      if (!event) continue;
      took = true;
      hand_over(i, *event);
    }
    return took;
  }

  void hand_over(std::size_t choice, const Event& event) {
    if (const auto* text = std::get_if<generation::TextEvent>(&event)) {
      const auto tokens = static_cast<std::int64_t>(text->tokens.size());
      tokens_ += tokens;
      exchange_->charge(tokens);
      outlet_->text(choice, *text);
    } else if (const auto* prompt = std::get_if<generation::PromptEvent>(&event)) {
      outlet_->prompt(choice, *prompt);
    } else if (const auto* finished = std::get_if<generation::FinishedEvent>(&event)) {
      outlet_->finished(choice, *finished);
      generations_[choice].reset();
      if (--running_ > 0) return;
      outlet_->completed(*exchange_);
      end();
    } else if (const auto* error = std::get_if<base::Error>(&event)) {
      outlet_->failed(*exchange_, *error);
      end();
    }
  }

  void client_went() {
    if (exchange_ && tokens_ > 0) exchange_->note("completion_tokens", tokens_);
    end();
  }

  void stop() {
    if (is_over()) return;
    outlet_->failed(*exchange_, {base::ErrorCode::Unavailable,
                                 "The server is stopping, and this answer took too long for that.",
                                 {},
                                 {}});
    end();
  }

  // Destroying a generation is what cancels it. The outlet stays: a call from it may be under way.
  void end() {
    generations_.clear();
    engine_.reset();
    exchange_.reset();
  }

  std::shared_ptr<http::Exchange> exchange_;  // null after the end, as the next
  std::shared_ptr<generation::Engine> engine_;
  Generations generations_;  // null where finished; none after the end
  std::size_t running_;
  const std::unique_ptr<Outlet> outlet_;
  std::int64_t tokens_ = 0;  // that came
  bool is_going_on_ = false;
};

}  // namespace

void deliver(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<generation::Engine> engine,
             Generations generations, std::unique_ptr<Outlet> outlet) {
  http::Exchange& connection = *exchange;
  auto delivery = std::make_shared<Delivery>(std::move(exchange), std::move(engine),
                                             std::move(generations), std::move(outlet));
  connection.post([delivery = std::move(delivery)] { delivery->start(); });
}

}  // namespace shimmy::api
