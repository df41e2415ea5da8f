// An encrypted connection over another transport.
#pragma once

#include <memory>

#include "http/io_thread.h"
#include "http/tls_context.h"
#include "http/transport.h"

namespace shimmy::http {

// `below` belongs to `thread`. Null where memory is short.
std::shared_ptr<Transport> make_tls_transport(const TlsContext& context,
                                              std::shared_ptr<Transport> below,
                                              std::shared_ptr<IoThread> thread);

}  // namespace shimmy::http
