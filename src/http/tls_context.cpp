#include "http/tls_context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace shimmy::http {
namespace {

using base::ErrorCode;

struct FileCloser {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
struct BioFreer {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
struct KeyFreer {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

// Why OpenSSL's last call failed.
std::string reason() {
  std::array<char, 256> text{};
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (error == 0) return "no reason was given";
  const char* words = ERR_reason_error_string(error);
  if (words != nullptr) return words;
  ERR_error_string_n(error, text.data(), text.size());
  return text.data();
}

// OpenSSL's own messages name neither the file nor the system's reason well.
base::Result<void> check_readable(const std::string& path, std::string_view what) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "re"));
  if (file && std::fgetc(file.get()) != EOF) return {};
  const bool is_empty = file && std::ferror(file.get()) == 0;
  return base::fail(ErrorCode::Io, "The TLS {} {} cannot be read: {}.", what, path,
                    is_empty ? "it is empty" : std::generic_category().message(errno));
}

std::string written(const ASN1_TIME* time) {
  const std::unique_ptr<BIO, BioFreer> out(BIO_new(BIO_s_mem()));
  ASN1_TIME_print(out.get(), time);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(std::max(size, 0L))};
}

base::Result<void> check_dates(const X509* certificate, const std::string& path) {
  const ASN1_TIME* begin = X509_get0_notBefore(certificate);
  const ASN1_TIME* end = X509_get0_notAfter(certificate);
  if (X509_cmp_current_time(end) < 0) {
    return base::fail(ErrorCode::Io,
                      "The TLS certificate {} expired on {}; clients would refuse it. Renew it.",
                      path, written(end));
  }
  if (X509_cmp_current_time(begin) > 0) {
    return base::fail(ErrorCode::Io,
                      "The TLS certificate {} is not valid before {}; check this machine's clock.",
                      path, written(begin));
  }
  return {};
}

base::Result<void> use_certificate(SSL_CTX* context, const std::string& path) {
  if (base::Result<void> readable = check_readable(path, "certificate"); !readable) return readable;
  if (SSL_CTX_use_certificate_chain_file(context, path.c_str()) != 1) {
    return base::fail(ErrorCode::Io,
                      "The TLS certificate {} cannot be used: {}. A PEM file is expected, with "
                      "\"-----BEGIN CERTIFICATE-----\".",
                      path, reason());
  }
  return check_dates(SSL_CTX_get0_certificate(context), path);
}

// Told apart from a key that is no key at all.
int refuse_passphrase(char* /*buffer*/, int /*size*/, int /*writes*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

base::Result<void> use_key(SSL_CTX* context, const std::string& path,
                           const std::string& certificate) {
  if (base::Result<void> readable = check_readable(path, "key"); !readable) return readable;
  const std::unique_ptr<BIO, BioFreer> file(BIO_new_file(path.c_str(), "r"));
  bool is_locked = false;
  const std::unique_ptr<EVP_PKEY, KeyFreer> key(
      PEM_read_bio_PrivateKey(file.get(), nullptr, refuse_passphrase, &is_locked));
  if (is_locked) {
    return base::fail(ErrorCode::Io,
                      "The TLS key {} is locked with a passphrase, which a server cannot be asked "
                      "for; unlock it: openssl pkey -in {} -out unlocked.pem",
                      path, path);
  }
  if (!key) {
    return base::fail(ErrorCode::Io,
                      "The TLS key {} cannot be used: {}. A PEM file is expected, with "
                      "\"-----BEGIN PRIVATE KEY-----\".",
                      path, reason());
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return base::fail(ErrorCode::Io, "The TLS key {} is not that of the certificate {}: {}.", path,
                      certificate, reason());
  }
  return {};
}

int choose_protocol(SSL* /*connection*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void* /*unused*/) {
  constexpr std::string_view kOurs = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(
      &found, chosen_size, reinterpret_cast<const unsigned char*>(kOurs.data()),
      static_cast<unsigned>(kOurs.size()), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

base::Result<std::shared_ptr<const TlsContext>> TlsContext::load(const std::string& certificate,
                                                                 const std::string& key) {
  ERR_clear_error();
  SSL_CTX* handle = SSL_CTX_new(TLS_server_method());
  if (handle == nullptr) {
    return base::fail(ErrorCode::Internal, "OpenSSL cannot be used: {}.", reason());
  }
  std::shared_ptr<const TlsContext> context(new TlsContext(handle));
  SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
  SSL_CTX_set_options(
      handle, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Buffers of idle connections are freed. A write is repeated from where it was, not from the same
  // address.
  SSL_CTX_set_mode(handle, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(handle, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(handle, choose_protocol, nullptr);
  if (base::Result<void> used = use_certificate(handle, certificate); !used) {
    return std::unexpected(std::move(used.error()));
  }
  if (base::Result<void> used = use_key(handle, key, certificate); !used) {
    return std::unexpected(std::move(used.error()));
  }
  return context;
}

TlsContext::~TlsContext() { SSL_CTX_free(handle_); }

}  // namespace shimmy::http
