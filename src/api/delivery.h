// Carries the events of one running generation to one client.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "generation/engine.h"
#include "http/exchange.h"

namespace shimmy::api {

// The client's side: one per endpoint and flavour (stream or whole answer). All members are called
// on the connection's I/O thread; after finished() or failed() none any more.
class Outlet {
 public:
  virtual ~Outlet() = default;

  // The request was accepted. `go_on` is to be called whenever is_full() turns false.
  virtual void begin(http::Exchange& exchange, std::function<void()> go_on) = 0;

  virtual void text(std::string_view text) = 0;
  virtual void finished(http::Exchange& exchange, const generation::FinishedEvent& finished) = 0;
  virtual void failed(http::Exchange& exchange, const base::Error& error) = 0;

  // While true no event is taken, so that only this generation waits for its client.
  virtual bool is_full() const = 0;
};

// Hands every event of `generation` to `outlet` as it comes, and keeps `engine` until the end. Once
// the client is gone, the answer is complete or the server drops the exchange's tasks, the
// generation is destroyed. Returns at once. Any thread.
void deliver(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<generation::Engine> engine,
             std::unique_ptr<generation::Generation> generation, std::unique_ptr<Outlet> outlet);

}  // namespace shimmy::api
