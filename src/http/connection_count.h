// How many connections are open.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

namespace shimmy::http {

// Any thread.
class ConnectionCount {
 public:
  // One open connection; ends with its last copy.
  using Token = std::shared_ptr<void>;

  ConnectionCount();
  ~ConnectionCount();

  Token enter();
  std::size_t open() const;

  // Blocks. True when none is open, false when `span` was over first.
  bool wait_for_none(std::chrono::milliseconds span) const;

 private:
  struct State;  // shared with the tokens, which may live longer

  std::shared_ptr<State> state_;
};

}  // namespace shimmy::http
