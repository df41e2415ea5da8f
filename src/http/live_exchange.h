// The Exchange that a handler holds: passes everything on to the turn, on its I/O thread.
#pragma once

#include <memory>

#include "http/exchange.h"
#include "http/io_thread.h"
#include "http/service.h"
#include "http/turn.h"

namespace shimmy::http {

std::shared_ptr<Exchange> make_exchange(std::shared_ptr<Service> service,
                                        std::shared_ptr<IoThread> thread,
                                        std::shared_ptr<Turn> turn);

}  // namespace shimmy::http
