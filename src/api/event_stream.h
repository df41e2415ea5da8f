// A streamed answer of server-sent events.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "http/exchange.h"

namespace shimmy::api {

// I/O thread only. Nothing but is_full() before open().
class EventStream {
 public:
  // Sends the headers. `go_on` is called whenever is_full() turns false.
  void open(http::Exchange& exchange, std::function<void()> go_on);

  // Whole events; nothing is sent for an empty text.
  void write(std::string_view events);

  // The last events, then the end of the answer.
  void finish(std::string_view events);

  bool is_full() const { return body_ != nullptr && body_->is_full(); }

 private:
  std::shared_ptr<http::BodyStream> body_;
};

}  // namespace shimmy::api
