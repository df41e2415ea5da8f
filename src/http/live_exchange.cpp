#include "http/live_exchange.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace shimmy::http {
namespace {

// Also what a late start_stream() returns: the turn then ignores every call.
class LiveStream final : public BodyStream {
 public:
  LiveStream(std::shared_ptr<IoThread> thread, std::shared_ptr<Turn> turn)
      : thread_(std::move(thread)), turn_(std::move(turn)) {}
  ~LiveStream() override {
    if (!is_finished_) thread_->post([turn = std::move(turn_)] { turn->abandon_stream(); });
  }

  void write(std::string_view bytes) override {
    if (!is_finished_) turn_->write(bytes);
  }
  bool is_full() const override { return !is_finished_ && turn_->is_full(); }
  void on_drained(std::function<void()> drained) override {
    if (!is_finished_) turn_->on_drained(std::move(drained));
  }
  void finish() override {
    is_finished_ = true;
    turn_->finish();
  }

 private:
  const std::shared_ptr<IoThread> thread_;
  std::shared_ptr<Turn> turn_;
  bool is_finished_ = false;
};

class LiveExchange final : public Exchange {
 public:
  LiveExchange(std::shared_ptr<Service> service, std::shared_ptr<IoThread> thread,
               std::shared_ptr<Turn> turn)
      : service_(std::move(service)), thread_(std::move(thread)), turn_(std::move(turn)) {}

  ~LiveExchange() override {
    if (is_answered_) return;
    thread_->post([turn = std::move(turn_)] {
      turn->fail(
          {.status = 500,
           .message = "The server gave up on this request without an answer. This is a bug."});
    });
  }

  const Request& request() const override { return turn_->request(); }

  void respond(Response response) override {
    if (is_answered_.exchange(true)) return;
    if (thread_->is_current()) {
      turn_->respond(response);
      return;
    }
    thread_->post([turn = turn_, answer = std::make_shared<Response>(std::move(response))] {
      turn->respond(*answer);
    });
  }

  std::shared_ptr<BodyStream> start_stream(Response head) override {
    is_answered_ = true;
    auto stream = std::make_shared<LiveStream>(thread_, turn_);
    if (!turn_->start_stream(head)) stream->finish();
    return stream;
  }

  void on_disconnect(std::function<void()> gone) override { turn_->on_disconnect(std::move(gone)); }

  void on_stopping(std::function<void()> stopping) override {
    turn_->on_stopping(std::move(stopping));
  }

  void note(std::string name, Note::Value value) override {
    Note note{std::move(name), std::move(value)};
    if (thread_->is_current()) {
      turn_->note(std::move(note));
      return;
    }
    // Kept in order with the answer, which is posted as well.
    thread_->post([turn = turn_, note = std::move(note)] { turn->note(note); });
  }

  void charge(std::int64_t units) override {
    const std::shared_ptr<RateLimits> rates = service_->gate.copy()->rates;
    if (rates) rates->charge(turn_->request().client, units);
  }

  void post(std::function<void()> task) override { thread_->post(std::move(task)); }

 private:
  const std::shared_ptr<Service> service_;
  const std::shared_ptr<IoThread> thread_;
  std::shared_ptr<Turn> turn_;
  std::atomic<bool> is_answered_ = false;
};

}  // namespace

std::shared_ptr<Exchange> make_exchange(std::shared_ptr<Service> service,
                                        std::shared_ptr<IoThread> thread,
                                        std::shared_ptr<Turn> turn) {
  return std::make_shared<LiveExchange>(std::move(service), std::move(thread), std::move(turn));
}

}  // namespace shimmy::http
