#include "http/stream_body.h"

#include <fmt/core.h>

#include <iterator>
#include <string_view>
#include <utility>

namespace shimmy::http {

StreamBody::StreamBody(std::shared_ptr<Output> output, StreamFraming framing,
                       std::size_t full_bytes)
    : output_(std::move(output)), framing_(framing), full_bytes_(full_bytes) {}

void StreamBody::write(std::string_view bytes) {
  // An empty chunk would end the body.
  if (finished_ || bytes.empty() || framing_ == StreamFraming::Discard) return;
  body_bytes_ += bytes.size();
  if (framing_ == StreamFraming::Plain) {
    output_->write(bytes);
  } else {
    chunk_.clear();
    fmt::format_to(std::back_inserter(chunk_), "{:x}\r\n", bytes.size());
    chunk_ += bytes;
    chunk_ += "\r\n";
    output_->write(chunk_);
  }
  was_full_ = was_full_ || is_full();
}

bool StreamBody::is_full() const {
  return !finished_ && !output_->is_broken() && output_->pending() >= full_bytes_;
}

void StreamBody::finish() {
  if (finished_) return;
  finished_ = true;
  drained_ = nullptr;
  if (framing_ == StreamFraming::Chunked) output_->write("0\r\n\r\n");
}

void StreamBody::progressed() {
  if (!was_full_ || is_full()) return;
  was_full_ = false;
  // A copy, as the callback may finish the stream or set another callback.
  if (const std::function<void()> drained = drained_) drained();
}

}  // namespace shimmy::http
