// Where a connection's bytes go: the writing half of a Transport, without a type of the network
// library.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

namespace shimmy::http {

// I/O thread only.
class ByteSink {
 public:
  virtual ~ByteSink() = default;

  // Sends what is taken without waiting and returns how much that was; empty when the connection is
  // broken. What is written next begins with what was not taken.
  virtual std::optional<std::size_t> try_write(std::string_view bytes) = 0;

  // Sends some of `bytes`, which stay valid until then, and calls `done` with how many; 0: the
  // connection is broken. Never calls `done` from inside. One at a time.
  virtual void write_some(std::string_view bytes, std::function<void(std::size_t)> done) = 0;
};

}  // namespace shimmy::http
