#include "transfer/curl_client.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "transfer/curl_exchange.h"
#include "transfer/libcurl.h"
#include "transfer/redirects.h"
#include "transfer/url.h"

namespace shimmy::transfer {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

std::unexpected<Error> too_many_redirects(const Request& request) {
  Error error{ErrorCode::Unavailable, {}, {}, {}, "redirect"};
  error.message = fmt::format("{} leads elsewhere more than {} times in a row: nobody answers it.",
                              shown_url(request.url), request.max_redirects);
  return std::unexpected(std::move(error));
}

}  // namespace

CurlClient::CurlClient(CurlOptions options) : options_(std::move(options)) {}

Result<ResponseHead> CurlClient::send(const Request& request, const Receiver& receiver,
                                      std::stop_token stop) {
  const auto curl = libcurl();
  if (!curl) return std::unexpected(curl.error());
  Request next = request;
  std::vector<ResponseHead> redirects;
  Receiver last = receiver;
  last.head = [&](const ResponseHead& head) -> Result<void> {
    if (!receiver.head) return {};
    ResponseHead whole = head;
    whole.redirects = redirects;
    return receiver.head(whole);
  };
  while (true) {
    auto head = exchange(**curl, options_, next, request.max_redirects > 0, last, stop);
    if (!head) return head;
    if (request.max_redirects == 0 || !is_redirect(*head)) {
      head->redirects = std::move(redirects);
      return head;
    }
    if (std::cmp_equal(redirects.size(), request.max_redirects)) return too_many_redirects(request);
    auto hop = redirected(next, *head);
    if (!hop) return std::unexpected(std::move(hop).error());
    next = std::move(*hop);
    redirects.push_back(std::move(*head));
  }
}

}  // namespace shimmy::transfer
