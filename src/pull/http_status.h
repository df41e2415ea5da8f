// What the statuses of servers mean for somebody who wants a file.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "transfer/http_client.h"

namespace shimmy::pull {

// The failure that an answer of `status` 300 or more is. `what`: "org/repo", "the file …": what was
// asked for, as the subject of a sentence. Unavailable (reason "status") where a later attempt may
// succeed, ModelNotFound, or Io: reason "forbidden" where an access token may help, else
// "upstream".
base::Error status_error(const transfer::ResponseHead& head, std::string_view what);

// The answer's own wish for how long to wait: seconds, or a date.
std::optional<std::chrono::seconds> retry_after(const transfer::ResponseHead& head);

}  // namespace shimmy::pull
