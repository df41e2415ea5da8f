// Turns bytes into one request.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/server.h"

namespace shimmy::http {

// Not thread-safe.
class RequestReader {
 public:
  struct Failure {
    int status;
    std::string message;
  };

  explicit RequestReader(const Limits& limits);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // Takes what belongs to this request from the front of `bytes` and returns how many that were.
  // The caller keeps the rest and shows it again, with more behind it.
  std::size_t feed(std::string_view bytes);

  bool has_head() const { return has_head_; }
  bool is_done() const;  // whole, and without failure

  // What made it impossible to go on: the answer to give.
  const std::optional<Failure>& failure() const { return failure_; }
  void fail(int status, std::string message);

  // With a head only.
  bool expects_continue() const { return expects_continue_; }
  bool is_http10() const;
  bool wants_keep_alive() const;

  // With a head: everything but id, peer and captures; the body once done. After a failure: what
  // was understood.
  const Request& request() const { return request_; }
  Request take();

 private:
  struct Parser;

  void accept_head();
  void copy_head();
  void check_body_framing();
  void check_host();
  void check_expectation();

  const std::size_t header_bytes_;
  std::unique_ptr<Parser> parser_;
  Request request_;
  std::optional<Failure> failure_;
  bool has_begun_ = false;
  bool has_head_ = false;
  bool expects_continue_ = false;
};

}  // namespace shimmy::http
