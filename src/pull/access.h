// How servers are asked: by whom, where, and how patiently.
#pragma once

#include <cstddef>
#include <expected>
#include <stop_token>
#include <string_view>

#include "base/error.h"
#include "pull/endpoints.h"
#include "pull/retries.h"
#include "transfer/http_client.h"

namespace shimmy::pull {

// Everything outlives it.
struct Access {
  transfer::HttpClient& client;
  const Endpoints& endpoints;
  const RetryLimits& limits;
  const OnRetry& on_retry;
  const std::stop_token& stop;

  template <class Attempt>
  auto patiently(Attempt attempt) const {
    return pull::patiently(limits, on_retry, stop, attempt);
  }
};

// The whole answer to a GET, which has succeeded. `what` as in status_error. Blocks. Fails as that
// does, and as transfer::ask does.
base::Result<transfer::Answer> ask(const Access& access, const transfer::Request& request,
                                   std::size_t max_bytes, std::string_view what);

}  // namespace shimmy::pull
