#include "http/server.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/chain.h"
#include "http/io_thread.h"
#include "http/listener.h"
#include "http/listening_socket.h"
#include "http/service.h"
#include "http/session_list.h"
#include "http/tls_context.h"
#include "http/tls_transport.h"

namespace shimmy::http {
namespace {

// For last words, once the grace is over.
constexpr std::chrono::milliseconds kLastChance{1000};

constexpr std::string_view kUnixPrefix = "unix:";

base::Result<ListeningSockets> listening_sockets(const ServerOptions& options) {
  ListeningSockets sockets;
  for (const int descriptor : options.inherited_sockets) {
    base::Result<std::unique_ptr<ListeningSocket>> socket = adopt_listening(descriptor);
    if (!socket) return std::unexpected(std::move(socket.error()));
    sockets.push_back(std::move(*socket));
  }
  if (!sockets.empty()) return sockets;
  if (!options.address.starts_with(kUnixPrefix)) {
    return listen_on_tcp(options.address, options.port);
  }
  auto socket = listen_on_unix(options.address.substr(kUnixPrefix.size()));
  if (!socket) return std::unexpected(std::move(socket.error()));
  sockets.push_back(std::move(*socket));
  return sockets;
}

base::Result<void> check_keys(const AccessRules& access) {
  if (std::ranges::count(access.api_keys, std::string{}) == 0) return {};
  return base::fail(base::ErrorCode::InvalidRequest,
                    "An API key is empty: everybody would know it. Give it at least 16 letters.");
}

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

  base::Result<void> load_certificate(const ServerOptions& options) {
    const bool has_certificate = !options.tls_certificate.empty();
    if (has_certificate != !options.tls_key.empty()) {
      return base::fail(base::ErrorCode::Io,
                        "TLS needs a certificate and its key, and only a {} was given.",
                        has_certificate ? "certificate" : "key");
    }
    if (!has_certificate) return {};
    auto context = TlsContext::load(options.tls_certificate, options.tls_key);
    if (!context) return std::unexpected(std::move(context.error()));
    tls_ = std::move(*context);
    return {};
  }

  base::Result<void> listen(const ServerOptions& options) {
    base::Result<ListeningSockets> sockets = listening_sockets(options);
    if (!sockets) return std::unexpected(std::move(sockets.error()));
    const Listener::Rules rules{
        .threads = threads_,
        .connections = options.limits.connections,
        .count = &service_->connections,
        .log = service_->log,
        .accepted = [this](std::size_t thread, std::shared_ptr<Transport> transport,
                           ConnectionCount::Token token) {
          threads_[thread]->post([list = sessions_[thread], owner = threads_[thread], tls = tls_,
                                  transport = std::move(transport),
                                  token = std::move(token)]() mutable {
            if (tls) transport = make_tls_transport(*tls, std::move(transport), std::move(owner));
            if (transport) list->add(std::move(transport), std::move(token));
          });
        }};
    for (std::unique_ptr<ListeningSocket>& socket : *sockets) {
      listeners_.push_back(Listener::create(std::move(socket), rules));
    }
    is_loopback_only_ = std::ranges::all_of(
        listeners_, [](const auto& listener) { return listener->socket().is_loopback(); });
    return change_access(options.access, options.rates);
  }

  base::Result<void> change_access(const AccessRules& access, const RateRules& rates) override {
    if (auto checked = check_keys(access); !checked) return checked;
    service_->gate.with([&](std::shared_ptr<const Gate>& gate) {
      std::shared_ptr<RateLimits> limits = gate->rates;
      // Who has used up a limit must not get a new one for free.
      if (!limits || limits->rules() != rates) limits = make_limits(rates);
      gate = std::make_shared<const Gate>(chain_of(access, limits, is_loopback_only_), limits);
    });
    return {};
  }

  std::string address() const override { return listeners_.front()->socket().name(); }
  std::uint16_t port() const override { return listeners_.front()->socket().port(); }

  void start() override {
    const std::lock_guard lock(mutex_);
    if (is_started_.exchange(true)) return;
    service_->workers.start();
    for (const auto& listener : listeners_) {
      threads_.front()->post([&listener = *listener] { listener.start(); });
    }
    for (const auto& thread : threads_) thread->start();
  }

  bool drain(std::chrono::milliseconds grace) override {
    service_->is_draining = true;
    stop_accepting();
    for_each_list([](SessionList& list) { list.drain(); });
    if (service_->connections.wait_for_none(grace)) return true;
    for_each_list([](SessionList& list) { list.stop(); });
    service_->connections.wait_for_none(kLastChance);
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
  std::shared_ptr<RateLimits> make_limits(const RateRules& rules) const {
    return rules.has_any() ? std::make_shared<RateLimits>(rules, service_->clock) : nullptr;
  }

  // Blocks until it is so.
  void stop_accepting() {
    auto closed = std::make_shared<std::promise<void>>();
    const std::future<void> done = closed->get_future();
    threads_.front()->post([this, closed = std::move(closed)] {
      close_listeners();
      closed->set_value();
    });
    // A stopped thread drops the task, and the promise with it.
    if (is_started_) done.wait();
  }

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
  std::shared_ptr<const TlsContext> tls_;  // null: not encrypted
  std::vector<std::shared_ptr<IoThread>> threads_;
  std::vector<std::shared_ptr<SessionList>> sessions_;  // one a thread
  std::vector<std::unique_ptr<Listener>> listeners_;    // the first thread's
  std::mutex mutex_;                                    // of start() and stop()
  std::atomic<bool> is_started_ = false;
  bool is_stopped_ = false;        // guarded by mutex_
  bool is_loopback_only_ = false;  // constant once it listens
};

}  // namespace

// NOLINTBEGIN(performance-unnecessary-value-param): by value is what callers are promised
base::Result<std::unique_ptr<Server>> Server::create(ServerOptions options, Router router,
                                                     ErrorRenderer errors, base::Logger log) {
  if (auto checked = check_keys(options.access); !checked) {
    return std::unexpected(std::move(checked).error());
  }
  auto server = std::make_unique<LiveServer>(options, std::move(router), std::move(errors), log);
  if (base::Result<void> loaded = server->load_certificate(options); !loaded) {
    return std::unexpected(std::move(loaded.error()));
  }
  if (base::Result<void> listening = server->listen(options); !listening) {
    return std::unexpected(std::move(listening.error()));
  }
  return server;
}
// NOLINTEND(performance-unnecessary-value-param)

}  // namespace shimmy::http
