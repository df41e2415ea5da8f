#include "support/tls_client.h"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace shimmy::support {
namespace {

constexpr timeval kDeadline{.tv_sec = 8, .tv_usec = 0};

}  // namespace

TlsClient::TlsClient(std::uint16_t port, const TlsOffer& offer) : RawClient(port) {
  shake_hands(offer);
}

TlsClient::TlsClient(const std::string& unix_path) : RawClient(unix_path) { shake_hands({}); }

void TlsClient::shake_hands(const TlsOffer& offer) {
  if (!is_connected()) return;
  ::setsockopt(socket(), SOL_SOCKET, SO_RCVTIMEO, &kDeadline, sizeof kDeadline);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  connection_ = std::shared_ptr<SSL>(SSL_new(context.get()), &SSL_free);
  // Lets old versions be offered, to see them refused.
  SSL_set_security_level(connection_.get(), 0);
  if (offer.newest_version != 0) {
    SSL_set_min_proto_version(connection_.get(), TLS1_VERSION);
    SSL_set_max_proto_version(connection_.get(), offer.newest_version);
  }
  if (!offer.protocols.empty()) {
    SSL_set_alpn_protos(connection_.get(),
                        reinterpret_cast<const unsigned char*>(offer.protocols.data()),
                        static_cast<unsigned>(offer.protocols.size()));
  }
  SSL_set_fd(connection_.get(), socket());
  is_encrypted_ = SSL_connect(connection_.get()) == 1;
}

std::string TlsClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(connection_.get(), &name, &size);
  return name == nullptr ? "" : std::string(reinterpret_cast<const char*>(name), size);
}

std::string TlsClient::version() const { return SSL_get_version(connection_.get()); }

bool TlsClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    if (!is_encrypted_ || SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &sent) != 1) {
      return false;
    }
    bytes.remove_prefix(sent);
  }
  return true;
}

std::optional<std::ptrdiff_t> TlsClient::receive(std::span<char> bytes) {
  if (!is_encrypted_) return -1;
  const int read = SSL_read(connection_.get(), bytes.data(), static_cast<int>(bytes.size()));
  if (read > 0) return read;
  switch (SSL_get_error(connection_.get(), read)) {
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_WANT_READ: return std::nullopt;
    default: return -1;
  }
}

bool TlsClient::was_told_the_end() const {
  return (SSL_get_shutdown(connection_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool TlsClient::update_keys() {
  return SSL_key_update(connection_.get(), SSL_KEY_UPDATE_REQUESTED) == 1 &&
         SSL_do_handshake(connection_.get()) == 1;
}

}  // namespace shimmy::support
