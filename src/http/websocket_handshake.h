// The request that turns a connection into a WebSocket (RFC 6455 4.2).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "http/message.h"

namespace shimmy::http {

// Whether the client asks for a WebSocket at all.
bool wants_websocket(const Request& request);

// The value for Sec-WebSocket-Accept. Of what the client offers, subprotocols and extensions are
// passed over. `is_http10`: such a client cannot upgrade.
std::expected<std::string, Problem> accept_upgrade(const Request& request, bool is_http10);

// The head of the answer that agrees.
std::string switching_head(std::string_view accept, std::string_view request_id);

}  // namespace shimmy::http
