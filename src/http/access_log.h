// One line for each request that was answered or given up.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "http/exchange.h"
#include "http/message.h"

namespace shimmy::http {

struct AccessRecord {
  std::string_view message;  // "answered", or what went wrong
  const Request& request;
  int status = 0;
  std::size_t bytes = 0;  // of the body
  std::chrono::steady_clock::duration duration{};
  std::chrono::steady_clock::duration first_byte{};  // until the body's first byte; zero: none
  const std::vector<Note>& notes;                    // what the handler had to add
};

// Holds neither headers nor the query, in which keys may be, but User-Agent and the client's own id
// of the request.
void log_access(const base::Logger& log, const AccessRecord& record);

}  // namespace shimmy::http
