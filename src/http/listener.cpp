#include "http/listener.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "http/network.h"
#include "http/socket_address.h"
#include "http/transport.h"

namespace shimmy::http {
namespace {

constexpr std::chrono::milliseconds kFullPause{20};
constexpr std::chrono::milliseconds kExhaustedPause{100};

bool is_exhaustion(const NetworkError& error) {
  using boost::system::errc::errc_t;
  return error == errc_t::too_many_files_open || error == errc_t::too_many_files_open_in_system ||
         error == errc_t::no_buffer_space || error == errc_t::not_enough_memory;
}

class AcceptingListener final : public Listener {
 public:
  AcceptingListener(std::unique_ptr<ListeningSocket> socket, Protocol protocol, Rules rules)
      : socket_(std::move(socket)),
        acceptor_(rules.threads.front()->context(), protocol, socket_->release()),
        pause_(acceptor_.get_executor()),
        rules_(std::move(rules)) {}

  const ListeningSocket& socket() const override { return *socket_; }

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

  const std::unique_ptr<ListeningSocket> socket_;  // order matters: its file goes last
  Acceptor acceptor_;
  Timer pause_;
  const Rules rules_;
  std::size_t next_ = 0;
  bool is_warned_ = false;
};

}  // namespace

std::unique_ptr<Listener> Listener::create(std::unique_ptr<ListeningSocket> socket,
                                           const Rules& rules) {
  const Protocol protocol(socket->family(), 0);
  return std::make_unique<AcceptingListener>(std::move(socket), protocol, rules);
}

}  // namespace shimmy::http
