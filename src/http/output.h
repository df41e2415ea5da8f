// The bytes of one connection on their way out: one write in flight and the rest in line behind it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/byte_sink.h"

namespace shimmy::http {

// I/O thread only.
class Output : public std::enable_shared_from_this<Output> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // `progressed` is called from the loop, never from inside write(), when the client has taken
  // bytes that had to wait. `broken` is called when a write failed, maybe from inside write().
  struct Listener {
    std::function<void()> progressed;
    std::function<void()> broken;
  };

  Output(std::shared_ptr<ByteSink> sink, Listener listener);

  // Sends what the client takes now, queues the rest. Ignored once broken or closed.
  void write(std::string_view bytes);

  // Bytes that the client has not taken yet.
  std::size_t pending() const { return in_flight_.size() - sent_ + waiting_.size(); }

  bool is_broken() const { return broken_; }

  // Since when the client has taken nothing of what is pending.
  TimePoint stalled_since() const { return stalled_since_; }

  // Drops what is pending; the listener is not called again.
  void close();

 private:
  void pump();
  void wrote(std::size_t bytes);
  void break_off();

  std::shared_ptr<ByteSink> sink_;
  Listener listener_;
  std::string in_flight_;  // unchanged while a write is in flight
  std::size_t sent_ = 0;   // of in_flight_
  std::string waiting_;
  bool writing_ = false;
  bool broken_ = false;
  TimePoint stalled_since_;
};

}  // namespace shimmy::http
