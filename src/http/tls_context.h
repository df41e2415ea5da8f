// The certificate and key that a server shows to encrypted connections.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"

struct ssl_ctx_st;  // NOLINT(readability-identifier-naming): OpenSSL's name

namespace shimmy::http {

// Constant once loaded; any thread. TLS 1.2 and later, and HTTP/1.1 as the only protocol (ALPN).
class TlsContext {
 public:
  // Reads PEM files: the certificate with those that vouch for it, and its private key without a
  // passphrase. Fails with Io, naming the file and what is wrong with it: absent, unreadable, no
  // PEM, expired or not yet valid, or a key of another certificate.
  static base::Result<std::shared_ptr<const TlsContext>> load(const std::string& certificate,
                                                              const std::string& key);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* handle() const { return handle_; }

 private:
  explicit TlsContext(ssl_ctx_st* handle) : handle_(handle) {}

  ssl_ctx_st* const handle_;
};

}  // namespace shimmy::http
