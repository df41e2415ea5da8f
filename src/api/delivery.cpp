#include "api/delivery.h"

#include <utility>
#include <variant>

namespace shimmy::api {
namespace {

using generation::Event;

// Kept alive by the exchange's on_disconnect callback; the references among exchange, delivery and
// generation form a ring that end() opens. Constructed on any thread, then used on the I/O thread
// only. The engine's thread touches weak pointers alone, so it never destroys any of this.
class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  Delivery(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<generation::Engine> engine,
           std::unique_ptr<generation::Generation> generation, std::unique_ptr<Outlet> outlet)
      : exchange_(std::move(exchange)),
        engine_(std::move(engine)),
        generation_(std::move(generation)),
        outlet_(std::move(outlet)) {}

  void start() {
    exchange_->on_disconnect([self = shared_from_this()] { self->end(); });
    if (!generation_) return;  // gone already
    outlet_->begin(*exchange_, [weak = weak_from_this()] { continue_if_alive(weak); });
    generation_->on_event(
        [weak = weak_from_this(), exchange = std::weak_ptr<http::Exchange>(exchange_)] {
          if (const auto alive = exchange.lock()) alive->post([weak] { continue_if_alive(weak); });
        });
    go_on();
  }

 private:
  static void continue_if_alive(const std::weak_ptr<Delivery>& weak) {
    if (const auto self = weak.lock()) self->go_on();
  }

  void go_on() {
    if (is_going_on_) return;  // the outlet called back from within a write
    is_going_on_ = true;
    while (generation_ && !outlet_->is_full()) {
      const std::optional<Event> event = generation_->poll();
      if (!event) break;
      hand_over(*event);
    }
    is_going_on_ = false;
  }

  void hand_over(const Event& event) {
    if (const auto* text = std::get_if<generation::TextEvent>(&event)) {
      if (!text->text.empty()) outlet_->text(text->text);
      return;
    }
    if (const auto* finished = std::get_if<generation::FinishedEvent>(&event))
      outlet_->finished(*exchange_, *finished);
    else if (const auto* error = std::get_if<base::Error>(&event))
      outlet_->failed(*exchange_, *error);
    end();
  }

  // Destroying the generation is what cancels it. The outlet stays: a call from it may be under
  // way.
  void end() {
    generation_.reset();
    engine_.reset();
    exchange_.reset();
  }

  std::shared_ptr<http::Exchange> exchange_;  // null after the end, as the next two
  std::shared_ptr<generation::Engine> engine_;
  std::unique_ptr<generation::Generation> generation_;
  const std::unique_ptr<Outlet> outlet_;
  bool is_going_on_ = false;
};

}  // namespace

void deliver(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<generation::Engine> engine,
             std::unique_ptr<generation::Generation> generation, std::unique_ptr<Outlet> outlet) {
  http::Exchange& connection = *exchange;
  auto delivery = std::make_shared<Delivery>(std::move(exchange), std::move(engine),
                                             std::move(generation), std::move(outlet));
  connection.post([delivery = std::move(delivery)] { delivery->start(); });
}

}  // namespace shimmy::api
