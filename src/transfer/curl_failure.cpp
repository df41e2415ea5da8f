#include "transfer/curl_failure.h"

#include <fmt/core.h>

#include <string>
#include <utility>

#include "transfer/url.h"

namespace shimmy::transfer {
namespace {

using base::Error;
using base::ErrorCode;

// Who was asked: the socket, or the server by its name.
std::string peer(const Request& request) {
  if (!request.unix_socket.empty()) return request.unix_socket;
  const auto url = parse_url(request.url);
  return url ? url->origin() : shown_url(request.url);
}

Error failure(ErrorCode code, std::string reason, std::string message, std::string_view found) {
  return {code, std::move(message), std::string(found), {}, std::move(reason)};
}

Error unavailable(std::string reason, std::string message, std::string_view found) {
  return failure(ErrorCode::Unavailable, std::move(reason), std::move(message), found);
}

}  // namespace

Error curl_failure(CURLcode code, const Request& request, std::string_view meaning,
                   std::string_view found) {
  const std::string who = peer(request);
  if (found.empty()) found = meaning;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
      return unavailable("dns",
                         fmt::format("The proxy for {} has a name that nobody knows. Check "
                                     "https_proxy and http_proxy in the environment.",
                                     who),
                         found);
    case CURLE_COULDNT_RESOLVE_HOST:
      return unavailable("dns",
                         fmt::format("The name of {} cannot be looked up. Check the address "
                                     "and the network.",
                                     who),
                         found);
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:  // the only one of libcurl's timers that is set
      return unavailable("connect",
                         fmt::format("Cannot connect to {}. Check that it runs and that "
                                     "the network reaches it.",
                                     who),
                         found);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
      return failure(ErrorCode::Io, "tls",
                     fmt::format("The certificate of {} is not trusted. Behind a proxy that reads "
                                 "along, name its certificate in SSL_CERT_FILE.",
                                 who),
                     found);
    case CURLE_SSL_CONNECT_ERROR:
      return unavailable("tls", fmt::format("No encrypted connection to {} could be made.", who),
                         found);
    case CURLE_OUT_OF_MEMORY:
      return failure(ErrorCode::Internal, {}, "libcurl has no memory for a transfer.", found);
    default: return unavailable("cut", fmt::format("The answer of {} broke off.", who), found);
  }
}

Error stalled(const Request& request) {
  return unavailable(
      "stalled",
      fmt::format("{} has sent nothing, or next to nothing, for {} s.", peer(request),
                  std::chrono::duration<double>(request.timeouts.stall).count()),
      {});
}

}  // namespace shimmy::transfer
