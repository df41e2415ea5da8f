// The WebSocket that a handler holds: passes everything on to the link, on its I/O thread.
#pragma once

#include <memory>

#include "http/io_thread.h"
#include "http/message.h"
#include "http/service.h"
#include "http/websocket.h"
#include "http/websocket_link.h"

namespace shimmy::http {

std::shared_ptr<WebSocket> make_websocket(std::shared_ptr<Service> service,
                                          std::shared_ptr<IoThread> thread,
                                          std::shared_ptr<WebSocketLink> link, Request request);

}  // namespace shimmy::http
