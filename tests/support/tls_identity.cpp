#include "support/tls_identity.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace shimmy::support {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

void demand(bool holds) {
  if (!holds) throw std::runtime_error("OpenSSL could not make a certificate");
}

File writing(const std::string& path) {
  File file(std::fopen(path.c_str(), "we"), &std::fclose);
  demand(file != nullptr);
  return file;
}

Certificate signed_by(EVP_PKEY* key, std::chrono::seconds begin, std::chrono::seconds end) {
  Certificate certificate(X509_new(), &X509_free);
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), begin.count());
  X509_gmtime_adj(X509_getm_notAfter(x509), end.count());
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_set_pubkey(x509, key);
  demand(X509_sign(x509, key, EVP_sha256()) != 0);
  return certificate;
}

}  // namespace

TlsIdentity::TlsIdentity(std::chrono::seconds begin, std::chrono::seconds end) {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  demand(key != nullptr);
  const Certificate made = signed_by(key.get(), begin, end);
  demand(PEM_write_X509(writing(certificate()).get(), made.get()) == 1);
  demand(PEM_write_PrivateKey(writing(this->key()).get(), key.get(), nullptr, nullptr, 0, nullptr,
                              nullptr) == 1);
  char passphrase[] = "secret";
  demand(PEM_write_PrivateKey(writing(locked_key()).get(), key.get(), EVP_aes_128_cbc(), nullptr, 0,
                              nullptr, passphrase) == 1);
}

}  // namespace shimmy::support
