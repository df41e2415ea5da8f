#include "http/tls_transport.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "http/output.h"
#include "http/tls_door.h"

namespace shimmy::http {
namespace {

constexpr std::size_t kRecord = std::size_t{16} << 10U;  // the most that one may carry
// Answers to the peer's handshakes and key updates that it does not take: it is up to no good.
constexpr std::size_t kMostUnsent = std::size_t{256} << 10U;

constexpr std::size_t kHandshakeRead = std::size_t{4} << 10U;

constexpr std::string_view kNotEncrypted =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 63\r\n"
    "Connection: close\r\n\r\n"
    "This port speaks HTTPS: write https:// (or wss://) in the URL.\n";

struct ConnectionFreer {
  void operator()(SSL* connection) const { SSL_free(connection); }
};
using Connection = std::unique_ptr<SSL, ConnectionFreer>;

// OpenSSL never waits for the network: it is given what has arrived, and what it wants to send goes
// to `wire_`.
class TlsTransport final : public Transport,
                           private TlsPeer,
                           public std::enable_shared_from_this<TlsTransport> {
 public:
  TlsTransport(Connection connection, std::shared_ptr<Transport> below,
               std::shared_ptr<IoThread> thread)
      : connection_(std::move(connection)),
        below_(std::move(below)),
        thread_(std::move(thread)),
        wire_(std::make_shared<Output>(
            below_, Output::Listener{.progressed = [this] { progressed(); },
                                     .broken = [this] { progressed_later(); }})) {}
  ~TlsTransport() override { wire_->close(); }
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  // To be called first. False where memory is short.
  bool open() {
    BIO* door = new_door(*this);
    SSL_set_bio(connection_.get(), door, door);  // owns it
    return door != nullptr;
  }

  Task<bool> handshake() override;
  Task<std::size_t> read_some(std::span<char> buffer) override;
  std::optional<std::size_t> try_read(std::span<char> buffer) override;
  void when_readable(std::function<void()> ready) override;
  std::optional<std::size_t> try_write(std::string_view bytes) override;
  void write_some(std::string_view bytes, std::function<void(std::size_t)> done) override;
  void cancel() override;
  void end_output() override;
  void close() override;
  const std::string& peer() const override { return below_->peer(); }

 private:
  std::size_t take_arrived(std::span<char> buffer) override;
  void send(std::string_view bytes) override { wire_->write(bytes); }

  std::optional<std::size_t> decrypt(std::span<char> buffer);
  std::size_t encrypt(std::string_view bytes);
  void add_arrived(std::span<const char> bytes);
  void progressed();
  void progressed_later();
  void refuse_plain_http();

  bool is_flushed() const { return wire_->pending() == 0 || wire_->is_broken(); }

  const Connection connection_;
  const std::shared_ptr<Transport> below_;
  const std::shared_ptr<IoThread> thread_;
  const std::shared_ptr<Output> wire_;
  std::string arrived_;  // encrypted; its beginning may have been taken
  std::size_t arrived_at_ = 0;
  std::function<void(std::size_t)> done_;  // of the write_some() that goes on
  std::size_t encrypted_ = 0;  // bytes that are on the wire_ but were not yet reported as taken
  unsigned watch_ = 0;         // tells a when_readable() that was cancelled from the one after it
  bool is_ending_ = false;     // nothing follows what is on the wire_
  bool is_failed_ = false;     // OpenSSL must not be asked again
};

Task<bool> TlsTransport::handshake() {
  const auto self = shared_from_this();
  while (true) {
    ERR_clear_error();
    const int result = SSL_accept(connection_.get());
    if (result == 1) co_return true;
    if (SSL_get_error(connection_.get(), result) != SSL_ERROR_WANT_READ) break;
    std::array<char, kHandshakeRead> bytes;  // NOLINT(*-member-init): read into
    const std::size_t size = co_await below_->read_some(std::span(bytes));
    if (size == 0) break;
    add_arrived(std::span(bytes).first(size));
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_HTTP_REQUEST) refuse_plain_http();
  is_failed_ = true;
  co_return false;
}

void TlsTransport::refuse_plain_http() {
  below_->try_write(kNotEncrypted);
  below_->end_output();
  // What is unread when the connection is closed would keep the client from seeing the answer.
  std::array<char, kHandshakeRead> rest;  // NOLINT(*-member-init): read into
  while (below_->try_read(std::span(rest)).value_or(0) != 0) {
  }
}

Task<std::size_t> TlsTransport::read_some(std::span<char> buffer) {
  const auto self = shared_from_this();
  while (true) {
    if (const std::optional<std::size_t> bytes = decrypt(buffer)) co_return *bytes;
    // The caller's buffer serves for what is encrypted, too.
    const std::size_t size = co_await below_->read_some(buffer);
    if (size == 0) co_return 0;
    add_arrived(buffer.first(size));
  }
}

std::optional<std::size_t> TlsTransport::try_read(std::span<char> buffer) {
  while (true) {
    if (const std::optional<std::size_t> bytes = decrypt(buffer)) return bytes;
    const std::optional<std::size_t> size = below_->try_read(buffer);
    if (!size || *size == 0) return size;
    add_arrived(buffer.first(*size));
  }
}

void TlsTransport::when_readable(std::function<void()> ready) {
  const unsigned watch = ++watch_;
  // OpenSSL may hold what the socket does not show any more.
  if (SSL_pending(connection_.get()) == 0 && arrived_.empty()) {
    below_->when_readable(std::move(ready));
    return;
  }
  thread_->post([weak = weak_from_this(), watch, ready = std::move(ready)] {
    const auto self = weak.lock();
    if (self && self->watch_ == watch) ready();
  });
}

std::optional<std::size_t> TlsTransport::try_write(std::string_view bytes) {
  if (is_failed_) return std::nullopt;
  std::size_t taken = 0;
  while (taken < bytes.size() && wire_->pending() == 0) {
    const std::size_t record = encrypt(bytes.substr(taken, kRecord));
    if (record == 0 || wire_->is_broken()) return std::nullopt;
    if (wire_->pending() != 0) {
      // Not taken as far as the caller knows: what it offers next begins with these bytes.
      encrypted_ = record;
      break;
    }
    taken += record;
  }
  return taken;
}

void TlsTransport::write_some(std::string_view bytes, std::function<void(std::size_t)> done) {
  done_ = std::move(done);
  if (encrypted_ == 0) encrypted_ = encrypt(bytes.substr(0, kRecord));
  if (is_flushed()) progressed_later();
}

// Reports the write that goes on, once all of it is with the kernel.
void TlsTransport::progressed() {
  const auto self = shared_from_this();
  if (!is_flushed()) return;
  if (is_ending_) below_->end_output();
  if (!done_) return;
  const std::size_t taken = wire_->is_broken() ? 0 : std::exchange(encrypted_, 0);
  std::exchange(done_, nullptr)(taken);
}

void TlsTransport::progressed_later() {
  thread_->post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->progressed();
  });
}

void TlsTransport::cancel() {
  ++watch_;
  below_->cancel();
}

void TlsTransport::end_output() {
  if (std::exchange(is_ending_, true)) return;
  if (!is_failed_ && SSL_is_init_finished(connection_.get()) != 0) {
    ERR_clear_error();
    SSL_shutdown(connection_.get());
  }
  if (is_flushed()) below_->end_output();
}

void TlsTransport::close() {
  ++watch_;
  is_failed_ = true;
  wire_->close();
  done_ = nullptr;
  below_->close();
}

// Empty: more has to arrive first. 0: the end.
std::optional<std::size_t> TlsTransport::decrypt(std::span<char> buffer) {
  if (is_failed_ || wire_->pending() > kMostUnsent) return 0;
  std::size_t bytes = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(connection_.get(), buffer.data(), buffer.size(), &bytes);
  if (result == 1) return bytes;
  const int error = SSL_get_error(connection_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return std::nullopt;
  is_failed_ = error != SSL_ERROR_ZERO_RETURN;
  return 0;
}

// How much of `bytes` is on the wire_ now; 0 after a failure.
std::size_t TlsTransport::encrypt(std::string_view bytes) {
  std::size_t taken = 0;
  ERR_clear_error();
  if (is_failed_ || SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &taken) != 1) {
    is_failed_ = true;
    return 0;
  }
  return taken;
}

void TlsTransport::add_arrived(std::span<const char> bytes) {
  arrived_.append(bytes.data(), bytes.size());
}

std::size_t TlsTransport::take_arrived(std::span<char> buffer) {
  const std::size_t size = arrived_.copy(buffer.data(), buffer.size(), arrived_at_);
  arrived_at_ += size;
  if (arrived_at_ == arrived_.size()) {
    arrived_ = {};  // an idle connection keeps no buffer
    arrived_at_ = 0;
  }
  return size;
}

}  // namespace

std::shared_ptr<Transport> make_tls_transport(const TlsContext& context,
                                              std::shared_ptr<Transport> below,
                                              std::shared_ptr<IoThread> thread) {
  Connection connection(SSL_new(context.handle()));
  if (!connection) return nullptr;
  auto transport =
      std::make_shared<TlsTransport>(std::move(connection), std::move(below), std::move(thread));
  if (!transport->open()) return nullptr;
  return transport;
}

}  // namespace shimmy::http
