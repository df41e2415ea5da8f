// From the lines of a response's head to the head.
#pragma once

#include <string_view>

#include "transfer/http_client.h"

namespace shimmy::transfer {

class HeaderLines {
 public:
  // A line as it was received, the status line first, the empty one last: true with that one.
  bool add(std::string_view line);

  // The head that add() completed; another may follow.
  ResponseHead take();

 private:
  ResponseHead head_;
};

}  // namespace shimmy::transfer
