// What stands between the head of a request and its handler.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "http/message.h"

namespace shimmy::http {

// With neither answer nor problem the request passes.
struct Verdict {
  std::optional<Response> answer;  // the request ends here, with this
  std::optional<Problem> problem;  // or with this
  std::vector<Header> headers{};   // for the response, whoever gives it
};

// Called with a request that has no body yet; may set Request::client. Any I/O thread, so never
// blocks.
using Middleware = std::function<Verdict(Request&)>;

// Asks one after the other until one does not let the request pass; collects their headers.
Verdict ask_all(const std::vector<Middleware>& chain, Request& request);

}  // namespace shimmy::http
