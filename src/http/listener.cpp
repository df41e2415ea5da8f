#include "http/listener.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/network.h"
#include "http/transport.h"

namespace shimmy::http {
namespace {

using asio::ip::tcp;
using base::ErrorCode;

constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kFullPause{20};
constexpr std::chrono::milliseconds kExhaustedPause{100};

bool is_exhaustion(const NetworkError& error) {
  using boost::system::errc::errc_t;
  return error == errc_t::too_many_files_open || error == errc_t::too_many_files_open_in_system ||
         error == errc_t::no_buffer_space || error == errc_t::not_enough_memory;
}

class TcpListener final : public Listener {
 public:
  TcpListener(Acceptor acceptor, tcp::endpoint bound, Rules rules)
      : acceptor_(std::move(acceptor)),
        pause_(acceptor_.get_executor()),
        bound_(std::move(bound)),
        rules_(std::move(rules)) {}

  std::uint16_t port() const override { return bound_.port(); }
  bool is_loopback() const override { return bound_.address().is_loopback(); }

  void start() override { asio::co_spawn(acceptor_.get_executor(), accept_all(), asio::detached); }

  void close() override {
    NetworkError ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  Task<> accept_all() {
    while (acceptor_.is_open()) {
      if (rules_.count->open() >= rules_.connections) {
        co_await rest(kFullPause);
        continue;
      }
      const std::size_t thread = next_++ % rules_.threads.size();
      Socket socket(rules_.threads[thread]->context());
      NetworkError error;
      co_await acceptor_.async_accept(socket, asio::redirect_error(kUseTask, error));
      if (is_exhaustion(error)) {
        warn_once(error);
        co_await rest(kExhaustedPause);
      } else if (!error) {
        is_warned_ = false;
        rules_.accepted(thread, make_plain_transport(std::move(socket)), rules_.count->enter());
      }
    }
  }

  Task<> rest(std::chrono::milliseconds span) {
    NetworkError ignored;
    pause_.expires_after(span);
    co_await pause_.async_wait(asio::redirect_error(kUseTask, ignored));
  }

  void warn_once(const NetworkError& error) {
    if (std::exchange(is_warned_, true)) return;
    rules_.log.warning(
        "New connections have to wait: {}. Raise the limit on open files (ulimit -n).",
        error.message());
  }

  Acceptor acceptor_;
  Timer pause_;
  const tcp::endpoint bound_;
  const Rules rules_;
  std::size_t next_ = 0;
  bool is_warned_ = false;
};

std::string spelled(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return fmt::format("{}:{}", endpoint.address().is_v6() ? "[" + address + "]" : address,
                     endpoint.port());
}

base::Result<std::vector<tcp::endpoint>> resolved(std::string_view address, std::uint16_t port,
                                                  asio::io_context& context) {
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  NetworkError error;
  const auto literal = asio::ip::make_address(std::string(address), error);
  if (!error) return std::vector{tcp::endpoint(literal, port)};
  asio::ip::basic_resolver<tcp, Executor> resolver(context);
  const auto found = resolver.resolve(std::string(address), std::to_string(port),
                                      asio::ip::resolver_base::passive, error);
  if (error || found.empty()) {
    return base::fail(
        ErrorCode::Io,
        "The address \"{}\" to listen on is neither an IP address nor a name that can "
        "be resolved ({}); use for example 127.0.0.1.",
        address, error.message());
  }
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : found) {
    const auto& endpoint = entry.endpoint();
    if (std::ranges::find(endpoints, endpoint) == endpoints.end()) endpoints.push_back(endpoint);
  }
  return endpoints;
}

base::Error bind_error(const tcp::endpoint& endpoint, const NetworkError& error) {
  using boost::system::errc::errc_t;
  const std::string where = spelled(endpoint);
  std::string message = fmt::format("Cannot listen on {}: {}.", where, error.message());
  if (error == errc_t::address_in_use) {
    message = fmt::format(
        "{} is already in use by another program (maybe by a server that still runs); stop that "
        "one "
        "or choose another port.",
        where);
  } else if (error == errc_t::permission_denied) {
    message = fmt::format(
        "Listening on {} is not permitted; ports below 1024 are for root: choose "
        "a higher one.",
        where);
  } else if (error == errc_t::address_not_available) {
    message = fmt::format(
        "This machine has no address {}; listen on 127.0.0.1, or on 0.0.0.0 for "
        "all addresses.",
        endpoint.address().to_string());
  }
  return {ErrorCode::Io, std::move(message), {}, {}};
}

NetworkError listen_on(Acceptor& acceptor, const tcp::endpoint& endpoint) {
  NetworkError error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) {
    // "::" takes IPv4 clients as well.
    const bool is_only_v6 = !endpoint.address().is_unspecified();
    acceptor.set_option(asio::ip::v6_only(is_only_v6), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  return error;
}

// A name may stand for an IPv6 address on a machine that has IPv6 switched off.
bool may_be_skipped(const NetworkError& error) {
  using boost::system::errc::errc_t;
  return error == errc_t::address_not_available || error == errc_t::address_family_not_supported;
}

}  // namespace

base::Result<std::vector<std::unique_ptr<Listener>>> Listener::open(const std::string& address,
                                                                    std::uint16_t port,
                                                                    const Rules& rules) {
  asio::io_context& context = rules.threads.front()->context();
  base::Result<std::vector<tcp::endpoint>> endpoints = resolved(address, port, context);
  if (!endpoints) return std::unexpected(std::move(endpoints.error()));
  std::vector<std::unique_ptr<Listener>> listeners;
  base::Error skipped;
  for (tcp::endpoint& endpoint : *endpoints) {
    if (!listeners.empty()) endpoint.port(listeners.front()->port());
    Acceptor acceptor(context);
    if (const NetworkError error = listen_on(acceptor, endpoint)) {
      if (!may_be_skipped(error)) return std::unexpected(bind_error(endpoint, error));
      skipped = bind_error(endpoint, error);
      continue;
    }
    NetworkError ignored;
    const tcp::endpoint bound = acceptor.local_endpoint(ignored);
    listeners.push_back(std::make_unique<TcpListener>(std::move(acceptor), bound, rules));
  }
  if (listeners.empty()) return std::unexpected(std::move(skipped));
  return listeners;
}

}  // namespace shimmy::http
