#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "http/socket_address.h"
#include "http/transport.h"

namespace shimmy::http {
namespace {

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(Socket socket) : socket_(std::move(socket)) {
    NetworkError error;
    peer_ = SocketAddress::remote(socket_.native_handle()).host();
    // Failures show at the first read; Unix sockets have no delay to switch off.
    socket_.non_blocking(true, error);
    socket_.set_option(asio::ip::tcp::no_delay(true), error);
  }

  Task<bool> handshake() override { co_return true; }

  Task<std::size_t> read_some(std::span<char> buffer) override {
    NetworkError error;
    const std::size_t bytes = co_await socket_.async_read_some(
        asio::buffer(buffer.data(), buffer.size()), asio::redirect_error(kUseTask, error));
    co_return error ? 0 : bytes;
  }

  std::optional<std::size_t> try_read(std::span<char> buffer) override {
    NetworkError error;
    const std::size_t bytes = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
    if (error == asio::error::would_block) return std::nullopt;
    return error ? 0 : bytes;
  }

  void when_readable(std::function<void()> ready) override {
    socket_.async_wait(Socket::wait_read, [ready = std::move(ready)](NetworkError error) {
      if (error != asio::error::operation_aborted) ready();
    });
  }

  std::optional<std::size_t> try_write(std::string_view bytes) override {
    NetworkError error;
    const std::size_t sent = socket_.write_some(asio::buffer(bytes), error);
    if (error && error != asio::error::would_block) return std::nullopt;
    return error ? 0 : sent;
  }

  void write_some(std::string_view bytes, std::function<void(std::size_t)> done) override {
    socket_.async_write_some(
        asio::buffer(bytes),
        [done = std::move(done)](NetworkError error, std::size_t sent) { done(error ? 0 : sent); });
  }

  void cancel() override {
    NetworkError ignored;
    socket_.cancel(ignored);
  }

  void end_output() override {
    NetworkError ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  void close() override {
    NetworkError ignored;
    socket_.close(ignored);
  }

  const std::string& peer() const override { return peer_; }

 private:
  Socket socket_;
  std::string peer_;
};

}  // namespace

std::shared_ptr<Transport> make_plain_transport(Socket socket) {
  return std::make_shared<PlainTransport>(std::move(socket));
}

}  // namespace shimmy::http
