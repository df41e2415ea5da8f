// A RawClient that speaks TLS, and believes any certificate.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "support/raw_client.h"

struct ssl_st;  // NOLINT(readability-identifier-naming): OpenSSL's name

namespace shimmy::support {

struct TlsOffer {
  std::string protocols;   // for ALPN, as the wire has it: "\x08http/1.1"
  int newest_version = 0;  // OpenSSL's number; 0: any
};

class TlsClient final : public RawClient {
 public:
  explicit TlsClient(std::uint16_t port, const TlsOffer& offer = {});
  explicit TlsClient(const std::string& unix_path);

  bool is_encrypted() const { return is_encrypted_; }
  std::string protocol() const;  // that ALPN settled on
  std::string version() const;   // "TLSv1.3"

  bool send(std::string_view bytes) override;

  // Whether the server said that it was finished, before it closed.
  bool was_told_the_end() const;

  // Asks for new keys, on which the server must change its own.
  bool update_keys();

 protected:
  std::optional<std::ptrdiff_t> receive(std::span<char> bytes) override;

 private:
  void shake_hands(const TlsOffer& offer);

  std::shared_ptr<ssl_st> connection_;
  bool is_encrypted_ = false;
};

}  // namespace shimmy::support
