// Something that takes its time, with its progress as server-sent events: a load, a pull.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "api/event_stream.h"
#include "http/exchange.h"
#include "protocol/error_reply.h"

namespace shimmy::api {

// Asks to stop when the client of `exchange` goes away. Any thread.
std::stop_token stop_with(const std::shared_ptr<http::Exchange>& exchange);

// Any thread may call any member, one at a time.
class ProgressStream {
 public:
  explicit ProgressStream(std::shared_ptr<http::Exchange> exchange);

  // Tells of the progress, 0 to 1, where it has moved by a hundredth.
  void progress(std::string_view state, float done);

  // One event that is this JSON.
  void send(std::string json);

  // The last event, and the end.
  void finish(std::string json);

  // As an answer of its own where no event was sent, else as an event.
  void fail(protocol::ErrorReply reply);

 private:
  // I/O thread only.
  struct Wire {
    EventStream events;
    bool is_open = false;

    void open(http::Exchange& exchange);
  };

  const std::shared_ptr<http::Exchange> exchange_;
  const std::shared_ptr<Wire> wire_ = std::make_shared<Wire>();
  int shown_ = -1;  // hundredths
};

}  // namespace shimmy::api
