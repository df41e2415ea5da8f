// GET /ws/generate: text over a WebSocket.
#pragma once

#include "api/dependencies.h"
#include "http/websocket.h"

namespace shimmy::api {

// Each message of the client is a request as for POST /api/generate. They are answered one after
// the other, each with token frames and a done frame, or an error frame; closing the socket cancels
// what runs and what waits.
http::WebSocketHandler generate_socket(const Dependencies& dependencies);

constexpr std::size_t kMaxWaitingMessages = 16;  // of one socket; more are refused

}  // namespace shimmy::api
