// One connection's socket, plain or encrypted, as sessions see it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "http/byte_sink.h"
#include "http/network.h"

namespace shimmy::http {

// I/O thread only. No member throws.
class Transport : public ByteSink {
 public:
  // False when the peer does not speak as it should. Before anything else.
  virtual Task<bool> handshake() = 0;

  // Waits for bytes. 0: the end, an error, or cancelled.
  virtual Task<std::size_t> read_some(std::span<char> buffer) = 0;

  // What can be read without waiting: empty when nothing can now, 0 at the end or an error.
  virtual std::optional<std::size_t> try_read(std::span<char> buffer) = 0;

  // Calls `ready` once, when try_read is worth a try. Never after cancel() or close().
  virtual void when_readable(std::function<void()> ready) = 0;

  // Ends every wait that is going on; the connection stays usable.
  virtual void cancel() = 0;

  // Tells the peer that nothing more will come, after what was written.
  virtual void end_output() = 0;

  virtual void close() = 0;

  virtual const std::string& peer() const = 0;
};

std::shared_ptr<Transport> make_plain_transport(Socket socket);

}  // namespace shimmy::http
