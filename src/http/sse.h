// The text format of server-sent events (WHATWG HTML, "text/event-stream").
#pragma once

#include <string>
#include <string_view>

namespace shimmy::http {

inline constexpr std::string_view kSseContentType = "text/event-stream; charset=utf-8";

// One event. Each line of `data` (ended by \n, \r or \r\n) becomes a "data:" line of its own.
// `type` becomes the "event:" line; empty: none.
std::string sse_event(std::string_view data, std::string_view type = {});

// A line that clients ignore, to keep a quiet connection alive.
std::string sse_comment(std::string_view text);

}  // namespace shimmy::http
