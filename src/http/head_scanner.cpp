#include "http/head_scanner.h"

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "http/text.h"

namespace shimmy::http {

bool HeadScanner::scan(std::string_view bytes) {
  while (at_ < bytes.size() && !is_whole_ && !problem_) take(bytes[at_++]);
  return is_whole_;
}

void HeadScanner::take(char letter) {
  if (at_ > header_bytes_) {
    fail(431, fmt::format("The request's headers are larger than the limit of {} bytes.",
                          header_bytes_));
  } else if (is_after_cr_ != (letter == '\n')) {
    fail(400, "Every line of a request's head must end with CR LF.");
  } else if (letter == '\r') {
    is_after_cr_ = true;
  } else if (letter == '\n') {
    take_line_end();
  } else {
    ++line_;
    if (is_first_line_) take_in_request_line(letter);
  }
}

void HeadScanner::take_line_end() {
  is_whole_ = line_ == 0 && !is_first_line_;
  is_first_line_ = false;
  is_after_cr_ = false;
  line_ = 0;
}

void HeadScanner::take_in_request_line(char letter) {
  if (part_ == Part::Method) {
    if (letter == ' ') {
      part_ = Part::Target;
    } else if (!is_token_letter(letter)) {
      // What speaks another protocol, such as TLS, need not wait for its time to be up.
      fail(400, "The request is not HTTP; speak HTTP/1.1 without encryption to this port.");
    }
  } else if (part_ == Part::Target) {
    if (letter == ' ') {
      part_ = Part::Rest;
    } else if (++target_ > target_bytes_) {
      fail(414,
           fmt::format("The request's URI is longer than the limit of {} bytes.", target_bytes_));
    }
  }
}

void HeadScanner::fail(int status, std::string_view message) {
  problem_ = Problem{.status = status, .message = std::string(message)};
}

}  // namespace shimmy::http
