// Finds the end of a request's head, and sees early what can never become one.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace shimmy::http {

// Looks at each byte once and by itself, so that the verdict does not depend on how the network cut
// the bytes. A line may only end with CR LF: where servers differ about line ends, requests can be
// smuggled.
class HeadScanner {
 public:
  HeadScanner(std::size_t header_bytes, std::size_t target_bytes)
      : header_bytes_(header_bytes), target_bytes_(target_bytes) {}

  // `bytes` begin with the head's first byte; each call shows all that came so far. True once the
  // head is whole.
  bool scan(std::string_view bytes);

  // With a whole head: its length, empty line included.
  std::size_t head_bytes() const { return at_; }

  const std::optional<Problem>& problem() const { return problem_; }

 private:
  enum class Part { Method, Target, Rest };  // Rest: of the first line, and the header lines

  void take(char letter);
  void take_line_end();
  void take_in_request_line(char letter);
  void fail(int status, std::string_view message);

  const std::size_t header_bytes_;
  const std::size_t target_bytes_;
  std::optional<Problem> problem_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;    // bytes of the current line
  std::size_t target_ = 0;  // bytes of the target
  Part part_ = Part::Method;
  bool is_first_line_ = true;
  bool is_after_cr_ = false;
  bool is_whole_ = false;
};

}  // namespace shimmy::http
