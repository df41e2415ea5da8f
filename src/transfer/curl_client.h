// The HttpClient that real transfers use: libcurl.
#pragma once

#include <stop_token>
#include <string>

#include "base/error.h"
#include "transfer/http_client.h"

namespace shimmy::transfer {

struct CurlOptions {
  std::string user_agent = "shimmy";
  std::string ca_file;  // PEM; empty: the certificates that the system trusts
};

// Opens libcurl when it first sends something: making one costs nothing. Proxies are taken from the
// environment (https_proxy, HTTPS_PROXY, http_proxy, all_proxy, no_proxy, …), never for Unix
// sockets and loopback hosts.
class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(CurlOptions options = {});

  base::Result<ResponseHead> send(const Request& request, const Receiver& receiver,
                                  std::stop_token stop = {}) override;

 private:
  const CurlOptions options_;
};

}  // namespace shimmy::transfer
