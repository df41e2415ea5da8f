#include "http/server.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http/chain.h"
#include "http/io_thread.h"
#include "http/listener.h"
#include "http/service.h"
#include "http/session_list.h"

namespace shimmy::http {
namespace {

class LiveServer final : public Server {
 public:
  LiveServer(const ServerOptions& options, Router router, ErrorRenderer errors,
             const base::Logger& log)
      : service_(std::make_shared<Service>(options, std::move(router), std::move(errors),
                                           log.named("http"))) {
    for (std::size_t i = 0; i < std::max<std::size_t>(options.io_threads, 1); ++i) {
      threads_.push_back(std::make_shared<IoThread>(fmt::format("http-io-{}", i), service_->log));
      sessions_.push_back(std::make_shared<SessionList>(service_, threads_.back()));
    }
  }

  ~LiveServer() override { stop(); }
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  base::Result<void> listen(const ServerOptions& options) {
    auto listeners = Listener::open(
        options.address, options.port,
        {.threads = threads_,
         .connections = options.limits.connections,
         .count = &service_->connections,
         .log = service_->log,
         .accepted = [this](std::size_t thread, std::shared_ptr<Transport> transport,
                            ConnectionCount::Token token) {
           threads_[thread]->post([list = sessions_[thread], transport = std::move(transport),
                                   token = std::move(token)]() mutable {
             list->add(std::move(transport), std::move(token));
           });
         }});
    if (!listeners) return std::unexpected(std::move(listeners.error()));
    listeners_ = std::move(*listeners);
    const bool is_loopback_only = std::ranges::all_of(
        listeners_, [](const auto& listener) { return listener->is_loopback(); });
    service_->chain = chain_of(options.access, service_->rates, is_loopback_only);
    return {};
  }

  std::uint16_t port() const override { return listeners_.front()->port(); }

  void start() override {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_started_, true)) return;
    service_->workers.start();
    for (const auto& listener : listeners_) {
      threads_.front()->post([&listener = *listener] { listener.start(); });
    }
    for (const auto& thread : threads_) thread->start();
  }

  bool drain(std::chrono::milliseconds grace) override {
    service_->is_draining = true;
    threads_.front()->post([this] { close_listeners(); });
    for_each_list([](SessionList& list) { list.close_idle(); });
    if (service_->connections.wait_for_none(grace)) return true;
    close_sessions();
    return false;
  }

  void stop() override {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_stopped_, true)) return;
    service_->is_draining = true;
    threads_.front()->post([this] { close_listeners(); });
    close_sessions();
    for (const auto& thread : threads_) thread->finish();
    // Last: disconnected clients are what ends handlers that wait.
    service_->workers.stop();
  }

 private:
  void close_listeners() {
    for (const auto& listener : listeners_) listener->close();
  }

  // Runs `action` with every list on its own thread.
  void for_each_list(const std::function<void(SessionList&)>& action) {
    for (const std::shared_ptr<SessionList>& list : sessions_) {
      list->thread().post([list, action] { action(*list); });
    }
  }

  void close_sessions() {
    for_each_list([](SessionList& list) { list.close_all(); });
  }

  const std::shared_ptr<Service> service_;
  std::vector<std::shared_ptr<IoThread>> threads_;
  std::vector<std::shared_ptr<SessionList>> sessions_;  // one a thread
  std::vector<std::unique_ptr<Listener>> listeners_;    // the first thread's
  std::mutex mutex_;                                    // of start() and stop()
  bool is_started_ = false;                             // guarded by mutex_
  bool is_stopped_ = false;                             // guarded by mutex_
};

}  // namespace

// NOLINTBEGIN(performance-unnecessary-value-param): by value is what callers are promised
base::Result<std::unique_ptr<Server>> Server::create(ServerOptions options, Router router,
                                                     ErrorRenderer errors, base::Logger log) {
  if (std::ranges::count(options.access.api_keys, std::string{}) != 0) {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "An API key is empty: everybody would know it. Give it at least 16 letters.");
  }
  auto server = std::make_unique<LiveServer>(options, std::move(router), std::move(errors), log);
  if (base::Result<void> listening = server->listen(options); !listening) {
    return std::unexpected(std::move(listening.error()));
  }
  return server;
}
// NOLINTEND(performance-unnecessary-value-param)

}  // namespace shimmy::http
