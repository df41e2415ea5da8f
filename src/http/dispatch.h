// From a request to its handler.
#pragma once

#include <memory>

#include "http/io_thread.h"
#include "http/service.h"
#include "http/turn.h"

namespace shimmy::http {

// Whether there is a handler for the method and path: if not, dispatch() answers without one.
bool has_handler(const Service& service, const Request& request);

// Finds the handler and calls it or leaves that to a worker; answers 404, 405, and 503 when the
// workers are overrun. I/O thread.
void dispatch(const std::shared_ptr<Service>& service, const std::shared_ptr<IoThread>& thread,
              const std::shared_ptr<Turn>& turn);

}  // namespace shimmy::http
