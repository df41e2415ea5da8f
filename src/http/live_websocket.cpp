#include "http/live_websocket.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace shimmy::http {
namespace {

class LiveWebSocket final : public WebSocket {
 public:
  LiveWebSocket(std::shared_ptr<Service> service, std::shared_ptr<IoThread> thread,
                std::shared_ptr<WebSocketLink> link, Request request)
      : service_(std::move(service)),
        thread_(std::move(thread)),
        link_(std::move(link)),
        request_(std::move(request)) {}
  ~LiveWebSocket() override {
    thread_->post([link = std::move(link_)] {
      link->close(static_cast<std::uint16_t>(CloseCode::InternalError),
                  "The server gave up on this socket. This is a bug.");
    });
  }

  const Request& request() const override { return request_; }
  void send(std::string_view text) override { link_->send(text); }
  bool is_full() const override { return link_->is_full(); }
  void on_drained(std::function<void()> drained) override { link_->on_drained(std::move(drained)); }
  void on_message(std::function<void(std::string)> message) override {
    link_->on_message(std::move(message));
  }
  void on_close(std::function<void()> closed) override { link_->on_close(std::move(closed)); }
  void on_draining(std::function<void()> draining) override {
    link_->on_draining(std::move(draining));
  }
  void on_stopping(std::function<void()> stopping) override {
    link_->on_stopping(std::move(stopping));
  }
  void close(CloseCode code, std::string_view reason) override {
    link_->close(static_cast<std::uint16_t>(code), reason);
  }
  void post(std::function<void()> task) override { thread_->post(std::move(task)); }
  void charge(std::int64_t units) override {
    const std::shared_ptr<RateLimits> rates = service_->gate.copy()->rates;
    if (rates) rates->charge(request_.client, units);
  }
  bool work(std::function<void()> task) override {
    return service_->workers.try_submit(std::move(task));
  }

 private:
  const std::shared_ptr<Service> service_;
  const std::shared_ptr<IoThread> thread_;
  std::shared_ptr<WebSocketLink> link_;
  const Request request_;
};

}  // namespace

std::shared_ptr<WebSocket> make_websocket(std::shared_ptr<Service> service,
                                          std::shared_ptr<IoThread> thread,
                                          std::shared_ptr<WebSocketLink> link, Request request) {
  return std::make_shared<LiveWebSocket>(std::move(service), std::move(thread), std::move(link),
                                         std::move(request));
}

}  // namespace shimmy::http
