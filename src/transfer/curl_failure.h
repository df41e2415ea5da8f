// What went wrong in a transfer, as a sentence for the user and a word for retries.
#pragma once

#include <curl/curl.h>

#include <string_view>

#include "base/error.h"
#include "transfer/http_client.h"

namespace shimmy::transfer {

// `meaning`: libcurl's text for the code; `found`: what it wrote of this failure, or empty.
base::Error curl_failure(CURLcode code, const Request& request, std::string_view meaning,
                         std::string_view found);

base::Error stalled(const Request& request);

}  // namespace shimmy::transfer
