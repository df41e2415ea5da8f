// One request and its answer over libcurl, without redirects.
#pragma once

#include <stop_token>

#include "base/error.h"
#include "transfer/curl_client.h"
#include "transfer/http_client.h"
#include "transfer/libcurl.h"

namespace shimmy::transfer {

// As HttpClient::send. Where `hides_redirects`, a redirect reaches nobody but the caller:
// `receiver` sees neither its head nor its body.
base::Result<ResponseHead> exchange(const Libcurl& curl, const CurlOptions& options,
                                    const Request& request, bool hides_redirects,
                                    const Receiver& receiver, const std::stop_token& stop);

}  // namespace shimmy::transfer
