// The accept loop of one listening socket.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/log.h"
#include "http/connection_count.h"
#include "http/io_thread.h"
#include "http/listening_socket.h"

namespace shimmy::http {

class Transport;

class Listener {
 public:
  struct Rules {
    std::vector<std::shared_ptr<IoThread>> threads;  // get the connections in turn
    std::size_t connections = 0;                     // open ones from which on it waits
    ConnectionCount* count = nullptr;
    base::Logger log;
    // Called on the first thread; `transport` belongs to the thread of that index.
    std::function<void(std::size_t thread, std::shared_ptr<Transport> transport,
                       ConnectionCount::Token token)>
        accepted;
  };

  static std::unique_ptr<Listener> create(std::unique_ptr<ListeningSocket> socket,
                                          const Rules& rules);
  virtual ~Listener() = default;

  virtual const ListeningSocket& socket() const = 0;  // constant

  // On the first thread.
  virtual void start() = 0;
  virtual void close() = 0;
};

}  // namespace shimmy::http
