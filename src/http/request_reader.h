// Turns bytes into one request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "http/chunked_body.h"
#include "http/head_scanner.h"
#include "http/inflater.h"
#include "http/message.h"
#include "http/request_head.h"
#include "http/server.h"

namespace shimmy::http {

// Not thread-safe.
class RequestReader {
 public:
  explicit RequestReader(const Limits& limits);

  // Takes what belongs to this request from the front of `bytes` and returns how many that were.
  // The caller keeps the rest and shows it again, with more behind it. Stops behind the head, so
  // that the caller can refuse the request before anything is done about its body.
  std::size_t feed(std::string_view bytes);

  bool has_head() const { return phase_ != Phase::Head; }  // whole and understood
  bool is_read() const { return phase_ == Phase::Done; }   // to its last byte
  bool is_done() const { return (is_read() || is_skipped_) && !problem_; }

  // With a head: the body is of no interest, though the client may send it. Done, but not read.
  void skip_body() { is_skipped_ = true; }

  // What made it impossible to go on: the answer to give.
  const std::optional<Problem>& problem() const { return problem_; }
  void fail(Problem problem) { problem_ = std::move(problem); }

  // With a head only.
  bool expects_continue() const { return head_.expects_continue; }
  bool is_http10() const { return head_.is_http10; }
  bool wants_keep_alive() const { return head_.wants_keep_alive; }

  // With a head: everything but id, peer, client and captures; the body once done. After a problem:
  // what was understood.
  Request& request() { return head_.request; }

 private:
  enum class Phase { Head, BeforeBody, Body, Done };

  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  void begin_body();
  void accept(std::string_view content);
  void end_body();
  void check_size(std::uint64_t bytes);

  const std::size_t header_bytes_;
  const std::size_t body_bytes_;
  Phase phase_ = Phase::Head;
  std::optional<Problem> problem_;
  HeadScanner scanner_;
  RequestHead head_;
  bool has_begun_ = false;
  bool is_skipped_ = false;

  std::optional<ChunkedBody> chunks_;   // empty: the body has a length
  std::unique_ptr<Inflater> inflater_;  // null: the body comes as it is
  std::uint64_t received_ = 0;          // bytes of the body as sent
};

}  // namespace shimmy::http
