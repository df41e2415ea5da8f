// The framing and flow control of a body that is written bit by bit.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/output.h"

namespace shimmy::http {

// What becomes of the bytes: chunks, plain bytes until the connection closes, or nothing (HEAD).
enum class StreamFraming { Chunked, Plain, Discard };

// I/O thread only.
class StreamBody {
 public:
  // Full from `full_bytes` unsent bytes on.
  StreamBody(std::shared_ptr<Output> output, StreamFraming framing, std::size_t full_bytes);

  void write(std::string_view bytes);
  bool is_full() const;
  void on_drained(std::function<void()> drained) { drained_ = std::move(drained); }
  void finish();

  bool is_finished() const { return finished_; }

  // What write() was given so far.
  std::size_t body_bytes() const { return body_bytes_; }

  // To be called when the client has taken bytes; calls `drained` if that ended a full spell.
  void progressed();

 private:
  std::shared_ptr<Output> output_;
  const StreamFraming framing_;
  const std::size_t full_bytes_;
  std::function<void()> drained_;
  std::string chunk_;  // scratch, kept for its capacity
  std::size_t body_bytes_ = 0;
  bool was_full_ = false;
  bool finished_ = false;
};

}  // namespace shimmy::http
