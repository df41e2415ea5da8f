#include "http/middleware.h"

#include <iterator>
#include <utility>
#include <vector>

namespace shimmy::http {

Verdict ask_all(const std::vector<Middleware>& chain, Request& request) {
  std::vector<Header> headers;
  for (const Middleware& ask : chain) {
    Verdict verdict = ask(request);
    headers.insert(headers.end(), std::make_move_iterator(verdict.headers.begin()),
                   std::make_move_iterator(verdict.headers.end()));
    if (!verdict.answer && !verdict.problem) continue;
    verdict.headers = std::move(headers);
    return verdict;
  }
  return {.answer = std::nullopt, .problem = std::nullopt, .headers = std::move(headers)};
}

}  // namespace shimmy::http
