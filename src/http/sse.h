// What http/ knows of server-sent events (WHATWG HTML, "text/event-stream"): protocol/ writes them.
#pragma once

#include <string_view>

namespace shimmy::http {

inline constexpr std::string_view kSseContentType = "text/event-stream; charset=utf-8";

// For Response::heartbeat: a comment, which clients ignore.
inline constexpr std::string_view kSseHeartbeat = ": ka\n\n";

}  // namespace shimmy::http
