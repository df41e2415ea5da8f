#include "http/output.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

namespace shimmy::http {

Output::Output(std::shared_ptr<ByteSink> sink, Listener listener)
    : sink_(std::move(sink)), listener_(std::move(listener)) {}

void Output::write(std::string_view bytes) {
  if (broken_ || bytes.empty()) return;
  if (pending() == 0) {
    const std::optional<std::size_t> taken = sink_->try_write(bytes);
    if (!taken) {
      break_off();
      return;
    }
    bytes.remove_prefix(*taken);
    if (bytes.empty()) return;
    stalled_since_ = std::chrono::steady_clock::now();
  }
  waiting_ += bytes;
  pump();
}

void Output::pump() {
  if (writing_ || broken_) return;
  if (sent_ == in_flight_.size()) {
    in_flight_ = std::exchange(waiting_, {});
    sent_ = 0;
  }
  if (in_flight_.empty()) return;
  writing_ = true;
  sink_->write_some(std::string_view(in_flight_).substr(sent_),
                    [self = shared_from_this()](std::size_t bytes) { self->wrote(bytes); });
}

void Output::wrote(std::size_t bytes) {
  writing_ = false;
  if (broken_) return;
  if (bytes == 0) {
    break_off();
    return;
  }
  sent_ += bytes;
  stalled_since_ = std::chrono::steady_clock::now();
  pump();
  if (!broken_ && listener_.progressed) listener_.progressed();
}

void Output::break_off() {
  broken_ = true;
  if (listener_.broken) listener_.broken();
}

void Output::close() {
  broken_ = true;
  listener_ = {};
}

}  // namespace shimmy::http
