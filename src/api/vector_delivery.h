// Carries the vectors of one request to one client.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "generation/engine.h"
#include "http/exchange.h"

namespace shimmy::api {

// What makes the answer of the vectors: one per endpoint. Called on the connection's I/O thread.
class VectorOutlet {
 public:
  virtual ~VectorOutlet() = default;

  virtual void add(generation::Vector vector) = 0;   // in the order of the inputs
  virtual std::string body(std::size_t tokens) = 0;  // after the last one, once; of all inputs
};

// Submits the inputs and returns; their vectors go to `outlet` as they come, and its body, or the
// error that came instead, is the answer. Keeps `engine` until then. When the client goes, the work
// is cancelled. Fails as Embedder::submit; an input that is too long is named after `field`. Any
// thread. Relies on the exchange to call or drop its on_disconnect callback in the end: that
// callback owns the delivery.
base::Result<void> embed(std::shared_ptr<http::Exchange> exchange,
                         std::shared_ptr<generation::Engine> engine, generation::Embedder& embedder,
                         std::vector<std::vector<generation::Token>> inputs, std::string_view field,
                         std::unique_ptr<VectorOutlet> outlet);

}  // namespace shimmy::api
