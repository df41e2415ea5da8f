// What an engine may take of the machine's memory.
#pragma once

#include <cstdint>

namespace shimmy::generation {

// The part of a budget that one loaded model holds: given back when it is destroyed. Any thread.
class MemoryClaim {
 public:
  virtual ~MemoryClaim() = default;

  // Makes the claim `bytes` in all. Lowering always succeeds. Raising may block while idle models
  // are let go, but never waits for a request to finish. False: no room, and nothing has changed.
  virtual bool resize(std::uint64_t bytes) = 0;

  virtual std::uint64_t bytes() const = 0;

  // What resize() could raise it to now if every idle model made room.
  virtual std::uint64_t limit() const = 0;
};

}  // namespace shimmy::generation
