// A listening socket and its accept loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "http/connection_count.h"
#include "http/io_thread.h"

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

  // Binds every address that `address` stands for and listens; `port` 0 is the same free one for
  // all of them. Fails with Io.
  static base::Result<std::vector<std::unique_ptr<Listener>>> open(const std::string& address,
                                                                   std::uint16_t port,
                                                                   const Rules& rules);
  virtual ~Listener() = default;

  virtual std::uint16_t port() const = 0;  // constant
  virtual bool is_loopback() const = 0;    // constant

  // On the first thread.
  virtual void start() = 0;
  virtual void close() = 0;
};

}  // namespace shimmy::http
