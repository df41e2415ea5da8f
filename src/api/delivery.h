// Carries the events of running generations to one client.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "generation/engine.h"
#include "http/exchange.h"

namespace shimmy::api {

// The client's side: one per endpoint and flavour (stream or whole answer). All members are called
// on the connection's I/O thread; after completed() or failed() none any more.
class Outlet {
 public:
  virtual ~Outlet() = default;

  // The request was accepted. `go_on` is to be called whenever is_full() turns false.
  virtual void begin(http::Exchange& exchange, std::function<void()> go_on) = 0;

  // Of the generation of that number.
  virtual void prompt(std::size_t /*choice*/, const generation::PromptEvent& /*prompt*/) {}
  virtual void text(std::size_t choice, const generation::TextEvent& text) = 0;
  virtual void finished(std::size_t choice, const generation::FinishedEvent& finished) = 0;

  // Every generation has finished.
  virtual void completed(http::Exchange& exchange) = 0;

  // One generation failed; the others are cancelled.
  virtual void failed(http::Exchange& exchange, const base::Error& error) = 0;

  // While true no event is taken, so that only these generations wait for their client.
  virtual bool is_full() const = 0;
};

using Generations = std::vector<std::unique_ptr<generation::Generation>>;

// Hands every event of `generations` (at least one) to `outlet` as it comes, and keeps `engine`
// until the end. Once the client is gone, the answer is complete or the server drops the exchange's
// tasks, the generations are destroyed; when the server stops, the outlet fails with Unavailable.
// The client is charged for each generated token. Returns at once. Any thread. Relies on the
// exchange to call or drop its on_disconnect callback in the end, also when the server stops: that
// callback owns the delivery.
void deliver(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<generation::Engine> engine,
             Generations generations, std::unique_ptr<Outlet> outlet);

}  // namespace shimmy::api
